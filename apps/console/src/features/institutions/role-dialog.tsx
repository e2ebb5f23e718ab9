import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CreateRole, CustomRole, paths, RolePreview, type Scope, scopesToGive } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { useMe } from "../../lib/session.js";
import { Dialog } from "../../ui/dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ScopeChecks } from "../../ui/scope-checks.js";
import { useContractForm } from "../../ui/use-contract-form.js";

interface RoleForm extends Record<string, unknown> {
  readonly name: string;
  readonly description: string;
  readonly scopes: Scope[];
}
interface RoleDialogProps {
  readonly institution: string;
  /** Null makes a new one. */
  readonly role: CustomRole | null;
  readonly onClose: () => void;
}

/** Makes a role, or changes one after showing whom that concerns. One that nobody holds can be removed. */
export function RoleDialog({ institution, role, onClose }: RoleDialogProps) {
  const { t } = useTranslation(["institutions", "common"]);
  const me = useMe();
  const queryClient = useQueryClient();
  const start: RoleForm = { name: role?.name ?? "", description: role?.description ?? "", scopes: role?.scopes ?? [] };
  const { form, refuse } = useContractForm<RoleForm>(CreateRole, start);
  const done = async () => {
    await Promise.all(
      [paths.roles(institution), paths.members(institution), paths.accessReview()].map((path) =>
        queryClient.invalidateQueries({ queryKey: [path] }),
      ),
    );
    onClose();
  };
  const save = useMutation({
    mutationFn: (values: RoleForm) =>
      role === null
        ? api.send("POST", paths.roles(institution), values, CustomRole)
        : api.send("PATCH", paths.role(institution, role.id), values, CustomRole),
    onSuccess: done,
    onError: (error) => refuse(violationsOf(error)),
  });
  const remove = useMutation({ mutationFn: () => api.sendOnly("DELETE", paths.role(institution, role?.id ?? "")), onSuccess: done });
  const { scopes } = form.values;
  const offered = scopesToGive(institution === "platform").filter((scope) => me.scopes.includes(scope) || role?.scopes.includes(scope));
  const errors: { error?: string } = form.getInputProps("scopes");
  return (
    <Dialog
      title={role === null ? t("institutions:ownRoles.create") : t("institutions:ownRoles.changeOf", { name: role.name })}
      onClose={onClose}
    >
      <form className="zg-stack" onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <TextInput label={t("institutions:column.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("institutions:ownRoles.description")} {...form.getInputProps("description")} />
        <ScopeChecks
          label={t("institutions:review.scope")}
          offered={offered}
          value={scopes}
          error={errors.error}
          onChange={(chosen) => form.setFieldValue("scopes", chosen)}
        />
        {role !== null && role.groups > 0 && <p>{t("institutions:ownRoles.byGroups", { count: role.groups })}</p>}
        {role !== null && role.holders > 0 && <Affected institution={institution} role={role} scopes={scopes} />}
        {(save.error ?? remove.error) ? <ProblemPanel error={save.error ?? remove.error} /> : null}
        <div className="zg-spread">
          <span className="zg-row">
            <Button type="submit" loading={save.isPending}>
              {t("common:save")}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
          </span>
          {role !== null && (
            <Button
              variant="default"
              data-danger
              disabled={role.holders + role.groups > 0}
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              {t("institutions:ownRoles.remove")}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** Who would gain and lose what, before anything is saved. */
function Affected({ institution, role, scopes }: { readonly institution: string; readonly role: CustomRole; readonly scopes: Scope[] }) {
  const { t } = useTranslation("institutions");
  const path = paths.rolePreview(institution, role.id);
  const read = useQuery({
    queryKey: [path, scopes.join()],
    queryFn: ({ signal }) => api.send("POST", path, { scopes }, RolePreview, { signal }),
  });
  return (
    <ObjectPart read={read}>
      {({ holders }) => (
        <div role="status">
          <p>{t("ownRoles.affects", { count: holders.length })}</p>
          <ul className="zg-plain zg-small">
            {holders.map(({ user, name, gains, loses }) => (
              <li key={user}>
                <bdi>{name}</bdi>{" "}
                <span className="zg-quiet">
                  {[...gains.map((scope) => `+ ${scope}`), ...loses.map((scope) => `− ${scope}`)].join(" · ") || t("ownRoles.same")}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </ObjectPart>
  );
}
