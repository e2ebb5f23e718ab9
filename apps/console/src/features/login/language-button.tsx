import { useTranslation } from "react-i18next";
import { chooseLanguage } from "../../lib/i18n.js";

/** The other language, named in itself. */
export function LanguageButton() {
  const { t, i18n } = useTranslation("login");
  const other = i18n.language === "zh" ? "en" : "zh";
  return (
    <button type="button" className="zg-icon-button" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => void chooseLanguage(other)}>
      {t(`otherLanguage.${other}`)}
    </button>
  );
}
