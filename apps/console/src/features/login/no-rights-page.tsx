import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Me } from "@ziggurat/contracts";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { meQuery, signOut } from "../../lib/session.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import "./login.css";

/** Stands in for every page of somebody who is signed in and holds no role: none of their groups means anything here. */
export default function NoRightsPage({ me }: { readonly me: Me }) {
  const { t } = useTranslation("login");
  const queryClient = useQueryClient();
  const leave = useMutation({ mutationFn: () => signOut(queryClient) });
  useEffect(() => {
    document.title = t("noRights.title");
  }, [t]);
  return (
    <main className="zg-login">
      <div className="zg-login-card">
        <h1>{t("noRights.heading")}</h1>
        <p>{t("noRights.lead", { name: me.name, email: me.email, institution: me.institution.name })}</p>
        <p className="zg-quiet">{t("noRights.remedy")}</p>
        {leave.error ? <ProblemPanel error={leave.error} /> : null}
        <div className="zg-row">
          <Button onClick={() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })}>{t("noRights.again")}</Button>
          <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t("noRights.leave")}
          </Button>
        </div>
      </div>
    </main>
  );
}
