import { Button } from "@mantine/core";
import type { Me, SignInRefusal } from "@ziggurat/contracts";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { AppNavigate } from "../../ui/app-navigate.js";

interface StillSignedInProps {
  readonly me: Me;
  readonly refused: SignInRefusal;
  readonly next: string;
}

/** Somebody who was signed in went to a provider, and nothing came of it: why, and on with what they have. */
export function StillSignedIn({ me, refused, next }: StillSignedInProps) {
  const { t } = useTranslation("login");
  const [goesOn, setGoesOn] = useState(false);
  useEffect(() => {
    document.title = t("title");
  }, [t]);
  if (goesOn) return <AppNavigate to={next} />;
  return (
    <main className="zg-login">
      <div className="zg-login-card">
        <h1>{t("still.heading")}</h1>
        <p className="zg-note" data-tone="warning" role="alert">
          {t(`refused.${refused}`)}
        </p>
        <p>{t("still.lead", { name: me.name, email: me.email, institution: me.institution.name })}</p>
        <Button autoFocus onClick={() => setGoesOn(true)}>
          {t("still.goOn")}
        </Button>
      </div>
    </main>
  );
}
