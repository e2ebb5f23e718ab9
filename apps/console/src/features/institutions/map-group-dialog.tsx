import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Institution, paths, type Role, ScimGroup } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useWords } from "../../lib/words.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { RoleChecks } from "./role-checks.js";

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
  const [roles, setRoles] = useState<readonly Role[]>(group.roles);
  const map = useMutation({
    mutationFn: () => api.send("PUT", paths.scimGroup(institution.slug, group.id), { roles }, ScimGroup),
    onSuccess: async () => {
      onClose();
      const stale = [paths.scimGroups(institution.slug), paths.members(institution.slug), paths.accessReview()];
      await Promise.all(stale.map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
    },
  });
  const named = (list: readonly Role[]) => list.map((role) => words.t(`role.${role}`)).join(" · ");
  const gained = roles.filter((role) => !group.roles.includes(role));
  const lost = group.roles.filter((role) => !roles.includes(role));
  return (
    <ActDialog
      title={t("institutions:directory.mapOf", { name: group.name })}
      confirm={t("common:save")}
      isReady={gained.length + lost.length > 0}
      isDangerous={lost.length > 0}
      isBusy={map.isPending}
      error={map.error}
      onSubmit={() => map.mutate()}
      onClose={onClose}
    >
      <RoleChecks institution={institution.slug} value={roles} onChange={setRoles} />
      <div role="status" className="zg-stack">
        {gained.length > 0 && <p>{t("institutions:directory.gained", { count: group.members, roles: named(gained) })}</p>}
        {lost.length > 0 && <p>{t("institutions:directory.lost", { count: group.members, roles: named(lost) })}</p>}
      </div>
    </ActDialog>
  );
}
