import { useQuery } from "@tanstack/react-query";
import { OwnSession, pageOf, paths } from "@ziggurat/contracts";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { switchInstitution } from "../lib/session.js";
import type { MenuItem } from "../ui/menu.js";

const JoinDialog = lazy(() => import("./join-dialog.js"));

/** The other institutions that this browser holds open, and the way into one more: for menus, with the dialog that they open. */
export function useInstitutions(): { readonly items: readonly MenuItem[]; readonly dialog: ReactNode } {
  const { t } = useTranslation("shell");
  const [isJoining, setJoining] = useState(false);
  const { data } = useQuery({
    queryKey: [paths.ownSessions()],
    queryFn: ({ signal }) => api.get(paths.ownSessions(), pageOf(OwnSession), { signal }),
    staleTime: 60_000,
    retry: false,
  });
  const others = (data?.data ?? []).filter(({ isHeld, isCurrent }) => isHeld && !isCurrent);
  const items = [
    ...others.map(({ institution, email }) => ({
      key: institution.slug,
      label: t("goOver", { name: institution.name, email }),
      onChoose: () => void switchInstitution(institution.slug).catch(() => window.location.reload()),
    })),
    { key: "join", label: t("join"), onChoose: () => setJoining(true) },
  ];
  const dialog = isJoining && (
    <Suspense>
      <JoinDialog onClose={() => setJoining(false)} />
    </Suspense>
  );
  return { items, dialog };
}
