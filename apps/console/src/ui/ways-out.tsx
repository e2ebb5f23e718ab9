import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { OwnSession, pageOf, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { switchInstitution } from "../lib/session.js";
import { ProblemPanel } from "./problem-panel.js";
import { useSignOut } from "./use-sign-out.js";

/** From a page that shows nothing else: over to what this browser holds open beside it, or out of all. */
export function WaysOut() {
  const { t } = useTranslation("shell");
  const leave = useSignOut();
  const go = useMutation({ mutationFn: switchInstitution });
  const { data } = useQuery({
    queryKey: [paths.ownSessions()],
    queryFn: ({ signal }) => api.get(paths.ownSessions(), pageOf(OwnSession), { signal }),
    retry: false,
  });
  const others = (data?.data ?? []).filter(({ isHeld, isCurrent }) => isHeld && !isCurrent);
  const error = leave.error ?? go.error;
  return (
    <>
      {error ? <ProblemPanel error={error} /> : null}
      {others.map(({ id, institution, email }) => (
        <Button key={id} variant="default" loading={go.isPending} onClick={() => go.mutate(institution.slug)}>
          <bdi className="zg-clip">{t("goOver", { name: institution.name, email })}</bdi>
        </Button>
      ))}
      <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
        {t("signOut")}
      </Button>
    </>
  );
}
