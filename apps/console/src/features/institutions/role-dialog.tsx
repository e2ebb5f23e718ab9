import { TextInput } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CreateRole, CustomRole, paths, RolePreview, type Scope, scopesToGive } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { EditDialog } from "../../ui/edit-dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
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
  const { t } = useTranslation("institutions");
  const me = useMe();
  const start: RoleForm = { name: role?.name ?? "", description: role?.description ?? "", scopes: role?.scopes ?? [] };
  const { form, refuse } = useContractForm<RoleForm>(CreateRole, start);
  const { scopes } = form.values;
  const offered = scopesToGive(institution === "platform").filter((scope) => me.scopes.includes(scope) || role?.scopes.includes(scope));
  const errors: { error?: string } = form.getInputProps("scopes");
  const removal = role !== null && {
    label: t("ownRoles.remove"),
    effect: t("ownRoles.removeEffect", { name: role.name }),
    name: role.name,
    closed:
      role.holders > 0
        ? t("ownRoles.heldBy", { count: role.holders })
        : role.groups > 0
          ? t("ownRoles.byGroups", { count: role.groups })
          : null,
    remove: () => api.sendOnly("DELETE", paths.role(institution, role.id)),
  };
  return (
    <EditDialog<RoleForm>
      title={role === null ? t("ownRoles.create") : t("ownRoles.changeOf", { name: role.name })}
      form={form}
      refuse={refuse}
      save={(values) =>
        role === null
          ? api.send("POST", paths.roles(institution), values, CustomRole)
          : api.send("PATCH", paths.role(institution, role.id), values, CustomRole)
      }
      stale={["me", paths.roles(institution), paths.members(institution), paths.serviceAccounts(institution), paths.accessReview()]}
      {...(removal && { removal })}
      onClose={onClose}
    >
      <TextInput label={t("column.name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("ownRoles.description")} {...form.getInputProps("description")} />
      <ScopeChecks
        label={t("review.scope")}
        offered={offered}
        value={scopes}
        error={errors.error}
        onChange={(chosen) => form.setFieldValue("scopes", chosen)}
      />
      {role !== null && role.groups > 0 && <p>{t("ownRoles.byGroups", { count: role.groups })}</p>}
      {role !== null && role.holders > 0 && <Affected institution={institution} role={role} scopes={scopes} />}
    </EditDialog>
  );
}

/** Who would gain and lose what, before anything is saved. */
function Affected({ institution, role, scopes }: { readonly institution: string; readonly role: CustomRole; readonly scopes: Scope[] }) {
  const { t } = useTranslation("institutions");
  const path = paths.rolePreview(institution, role.id);
  const read = useQuery({
    queryKey: [path, scopes.join()],
    queryFn: ({ signal }) => api.send("POST", path, { scopes }, RolePreview, { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <ObjectPart read={read}>
      {({ holders }) => (
        <div role="status" className={read.isPlaceholderData ? "zg-dimmed" : undefined}>
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
