import { Button } from "@mantine/core";
import { useIsFetching, useQueryClient } from "@tanstack/react-query";
import type { Me } from "@ziggurat/contracts";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { meQuery } from "../../lib/session.js";
import { WaysOut } from "../../ui/ways-out.js";
import { LanguageButton } from "./language-button.js";
import "./login.css";

/** Stands in for every page of somebody who is signed in and holds no role: none of their groups means anything here. */
export default function NoRightsPage({ me }: { readonly me: Me }) {
  const { t } = useTranslation("login");
  const queryClient = useQueryClient();
  const isLooking = useIsFetching({ queryKey: meQuery.queryKey }) > 0;
  useEffect(() => {
    document.title = t("noRights.title");
  }, [t]);
  return (
    <main className="zg-login">
      <div className="zg-login-card">
        <h1>{t("noRights.heading")}</h1>
        <p>{t("noRights.lead", { name: me.name, email: me.email, institution: me.institution.name })}</p>
        <p className="zg-quiet">{t("noRights.remedy")}</p>
        <Button loading={isLooking} onClick={() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })}>
          {t("noRights.again")}
        </Button>
        <WaysOut />
        <LanguageButton />
      </div>
    </main>
  );
}
