import { useQuery } from "@tanstack/react-query";
import { OwnSession, pageOf, paths } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { switchInstitution, useMe } from "../lib/session.js";
import { Menu } from "../ui/menu.js";

const JoinDialog = lazy(() => import("./join-dialog.js"));

/** Which institution one works for, the others that this browser holds open, and the way into one more. */
export function InstitutionSwitcher() {
  const { t } = useTranslation("shell");
  const me = useMe();
  const [isJoining, setJoining] = useState(false);
  const { data } = useQuery({
    queryKey: [paths.ownSessions()],
    queryFn: ({ signal }) => api.get(paths.ownSessions(), pageOf(OwnSession), { signal }),
    staleTime: 60_000,
    retry: false,
  });
  const others = (data?.data ?? []).filter(({ isHeld, isCurrent }) => isHeld && !isCurrent);
  return (
    <>
      <Menu
        className="zg-icon-button zg-tenant"
        label={t("institutionNow", { name: me.institution.name })}
        face={<bdi className="zg-clip">{me.institution.name}</bdi>}
        head={t("yourInstitution")}
        items={[
          ...others.map(({ institution, email }) => ({
            key: institution.slug,
            label: t("goOver", { name: institution.name, email }),
            onChoose: () => void switchInstitution(institution.slug).catch(() => window.location.reload()),
          })),
          { key: "join", label: t("join"), onChoose: () => setJoining(true) },
        ]}
      />
      {isJoining && (
        <Suspense>
          <JoinDialog onClose={() => setJoining(false)} />
        </Suspense>
      )}
    </>
  );
}
