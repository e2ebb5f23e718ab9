import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CustomRole, type Institution, MapScimGroup, paths, ScimGroup } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useWords } from "../../lib/words.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { usePages } from "../../ui/use-pages.js";
import { type HeldRoles, HeldRolesFields, heldRequest } from "./held-roles.js";

interface MapGroupDialogProps {
  readonly institution: Institution;
  readonly group: ScimGroup;
  readonly onClose: () => void;
}

/** Chooses what a group of the directory gives; says whom it concerns before it is done. */
export function MapGroupDialog({ institution, group, onClose }: MapGroupDialogProps) {
  const { t } = useTranslation(["institutions", "common"]);
  const words = useWords();
  const queryClient = useQueryClient();
  const { data: ownRoles = [] } = usePages({ path: paths.roles(institution.slug), item: CustomRole });
  const [held, setHeld] = useState<HeldRoles>({ ...group, customRoles: group.customRoles.map(({ id }) => id) });
  const map = useMutation({
    mutationFn: () => api.send("PUT", paths.scimGroup(institution.slug, group.id), heldRequest(held), ScimGroup),
    onSuccess: async () => {
      onClose();
      const stale = [paths.scimGroups, paths.members, paths.roles].map((path) => path(institution.slug));
      await Promise.all([...stale, paths.accessReview()].map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
    },
  });
  const nameOf = (id: string) => [...ownRoles, ...group.customRoles].find((role) => role.id === id)?.name ?? id;
  const named = ({ roles, customRoles, tiers }: HeldRoles) => [
    ...roles.map((role) => words.t(`role.${role}`)),
    ...customRoles.map(nameOf),
    ...(roles.includes("platform_engineer") ? tiers.map((tier) => words.t(`tier.${tier}`)) : []),
  ];
  const [before, after] = [named({ ...group, customRoles: group.customRoles.map(({ id }) => id) }), named(held)];
  const gained = after.filter((name) => !before.includes(name));
  const lost = before.filter((name) => !after.includes(name));
  return (
    <ActDialog
      title={t("institutions:directory.mapOf", { name: group.name })}
      confirm={t("common:save")}
      isReady={gained.length + lost.length > 0 && MapScimGroup.safeParse(heldRequest(held)).success}
      isDangerous={lost.length > 0}
      isBusy={map.isPending}
      error={map.error}
      onSubmit={() => map.mutate()}
      onClose={onClose}
    >
      <HeldRolesFields institution={institution.slug} value={held} onChange={setHeld} />
      <div role="status" className="zg-stack">
        {gained.length > 0 && <p>{t("institutions:directory.gained", { count: group.members, roles: gained.join(" · ") })}</p>}
        {lost.length > 0 && <p>{t("institutions:directory.lost", { count: group.members, roles: lost.join(" · ") })}</p>}
      </div>
    </ActDialog>
  );
}
