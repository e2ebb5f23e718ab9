import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { PasswordForm } from "../../ui/password-form.js";
import { WaysOut } from "../../ui/ways-out.js";
import { LanguageButton } from "./language-button.js";
import "./login.css";

/** Stands in for every page until a one-time password has been replaced. */
export default function ForcedPasswordPage() {
  const { t } = useTranslation("login");
  useEffect(() => {
    document.title = t("changeTitle");
  }, [t]);
  return (
    <main className="zg-login">
      <div className="zg-login-card">
        <h1>{t("changeHeading")}</h1>
        <p className="zg-quiet">{t("changeLead")}</p>
        <PasswordForm currentLabel={t("oneTime")} isForced />
        <div className="zg-stack zg-login-others">
          <WaysOut />
        </div>
        <LanguageButton />
      </div>
    </main>
  );
}
