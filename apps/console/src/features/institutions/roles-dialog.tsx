import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Institution, Member, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { type HeldRoles, HeldRolesFields, heldRequest } from "./held-roles.js";
import { RemoveMemberDialog } from "./remove-member-dialog.js";

interface RolesDialogProps {
  readonly institution: Pick<Institution, "slug" | "name">;
  readonly member: Pick<Member, "id" | "name" | "email" | "roles" | "customRoles" | "tiers">;
  readonly onClose: () => void;
}

/** Changes a member's roles, or takes the person out of the institution. */
export function RolesDialog({ institution, member, onClose }: RolesDialogProps) {
  const { t } = useTranslation(["institutions", "common"]);
  const queryClient = useQueryClient();
  const [held, setHeld] = useState<HeldRoles>({ ...member, customRoles: member.customRoles.map(({ id }) => id) });
  const [isRemoving, setRemoving] = useState(false);
  const path = paths.member(institution.slug, member.id);
  const refresh = () =>
    Promise.all(
      [paths.members(institution.slug), paths.institution(institution.slug), paths.accessReview(), paths.runningWork()].map((path) =>
        queryClient.invalidateQueries({ queryKey: [path] }),
      ),
    );
  const change = useMutation({
    mutationFn: () => api.send("PATCH", path, heldRequest(held), Member),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  if (isRemoving) {
    return <RemoveMemberDialog institution={institution} member={member} onDone={refresh} onClose={onClose} />;
  }
  return (
    <Dialog title={t("institutions:members.changeRolesOf", { name: member.name })} onClose={onClose}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!change.isPending) change.mutate();
        }}
      >
        <HeldRolesFields institution={institution.slug} value={held} onChange={setHeld} />
        {change.error ? <ProblemPanel error={change.error} /> : null}
        <div className="zg-spread">
          <span className="zg-row">
            <Button type="submit" loading={change.isPending} disabled={held.roles.length + held.customRoles.length === 0}>
              {t("common:save")}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
          </span>
          <Button variant="default" data-danger onClick={() => setRemoving(true)}>
            {t("institutions:members.remove")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
