import { NativeSelect, TextInput } from "@mantine/core";
import { CreateServiceAccount, type Institution, Member, paths, rolesForService, ServiceAccount } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { EditDialog } from "../../ui/edit-dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { useWhole } from "../../ui/use-whole.js";
import { type HeldRoles, HeldRolesFields, heldRequest } from "./held-roles.js";

interface ServiceForm extends Record<string, unknown>, HeldRoles {
  readonly name: string;
  readonly purpose: string;
  readonly responsible: string;
}
const requestOf = (form: ServiceForm) => ({
  name: form.name,
  purpose: form.purpose,
  responsible: form.responsible,
  ...heldRequest(form),
});

interface ServiceDialogProps {
  readonly institution: Institution;
  /** Null makes a new one. */
  readonly account: ServiceAccount | null;
  readonly onClose: () => void;
}

/** Makes or changes a service account, or takes it away together with its tokens. */
export function ServiceDialog({ institution, account, onClose }: ServiceDialogProps) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const members = useWhole({ path: paths.members(institution.slug), item: Member });
  const start: ServiceForm = {
    name: account?.name ?? "",
    purpose: account?.purpose ?? "",
    responsible: account?.responsible.id ?? me.id,
    roles: account?.roles ?? [],
    customRoles: account?.customRoles.map(({ id }) => id) ?? [],
    tiers: account?.tiers ?? [],
  };
  const { form, refuse } = useContractForm<ServiceForm>(CreateServiceAccount, start, requestOf);
  const own = paths.serviceAccount(institution.slug, account?.id ?? "");
  const errors: { error?: string } = form.getInputProps("roles");
  const people = members.data ?? [];
  const choices = [
    ...people.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` })),
    ...(people.some(({ id }) => id === form.values.responsible)
      ? []
      : [{ value: form.values.responsible, label: account?.responsible.name ?? me.name }]),
  ];
  const removal = account !== null && {
    label: t("services.remove"),
    effect: t("services.removeEffect", { name: account.name }),
    name: account.name,
    closed: null,
    remove: () => api.sendOnly("DELETE", own),
  };
  return (
    <EditDialog<ServiceForm>
      title={account === null ? t("services.create") : t("ownRoles.changeOf", { name: account.name })}
      form={form}
      refuse={refuse}
      save={(values) =>
        account === null
          ? api.send("POST", paths.serviceAccounts(institution.slug), requestOf(values), ServiceAccount)
          : api.send("PATCH", own, requestOf(values), ServiceAccount)
      }
      stale={[paths.serviceAccounts(institution.slug), paths.roles(institution.slug), paths.accessReview()]}
      {...(removal && { removal })}
      onClose={onClose}
    >
      <TextInput label={t("column.name")} required data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t("services.purpose")} required {...form.getInputProps("purpose")} />
      <NativeSelect
        label={t("services.responsible")}
        description={t("services.responsibleRule")}
        data={choices}
        {...form.getInputProps("responsible")}
      />
      {members.error ? <ProblemPanel error={members.error} onRetry={() => void members.refetch()} /> : null}
      <HeldRolesFields
        institution={institution.slug}
        value={form.values}
        offered={rolesForService(institution.slug === "platform")}
        {...(errors.error === undefined ? {} : { error: errors.error })}
        onChange={({ roles, customRoles, tiers }) => form.setValues({ roles, customRoles, tiers } as Partial<ServiceForm>)}
      />
    </EditDialog>
  );
}
