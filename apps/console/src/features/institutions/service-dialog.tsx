import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CreateServiceAccount, type Institution, Member, paths, rolesForService, ServiceAccount } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { useMe } from "../../lib/session.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { usePages } from "../../ui/use-pages.js";
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
  const { t } = useTranslation(["institutions", "common"]);
  const me = useMe();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const { data: members } = usePages({ path: paths.members(institution.slug), item: Member, limit: 200 });
  const start: ServiceForm = {
    name: account?.name ?? "",
    purpose: account?.purpose ?? "",
    responsible: account?.responsible.id ?? me.id,
    roles: account?.roles ?? [],
    customRoles: account?.customRoles.map(({ id }) => id) ?? [],
    tiers: account?.tiers ?? [],
  };
  const { form, refuse } = useContractForm<ServiceForm>(CreateServiceAccount, start, requestOf);
  const done = async () => {
    await Promise.all(
      [paths.serviceAccounts(institution.slug), paths.accessReview()].map((path) => queryClient.invalidateQueries({ queryKey: [path] })),
    );
    onClose();
  };
  const own = paths.serviceAccount(institution.slug, account?.id ?? "");
  const save = useMutation({
    mutationFn: (values: ServiceForm) =>
      account === null
        ? api.send("POST", paths.serviceAccounts(institution.slug), requestOf(values), ServiceAccount)
        : api.send("PATCH", own, requestOf(values), ServiceAccount),
    onSuccess: done,
    onError: (error) => refuse(violationsOf(error)),
  });
  const remove = useMutation({ mutationFn: () => api.sendOnly("DELETE", own), onSuccess: done });
  if (isRemoving && account !== null) {
    return (
      <DangerDialog
        title={t("institutions:services.remove")}
        effect={t("institutions:services.removeEffect", { name: account.name })}
        name={account.name}
        confirm={t("institutions:services.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={onClose}
      />
    );
  }
  const errors: { error?: string } = form.getInputProps("roles");
  const people = members ?? [];
  const choices = [
    ...people.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` })),
    ...(people.some(({ id }) => id === form.values.responsible)
      ? []
      : [{ value: form.values.responsible, label: account?.responsible.name ?? me.name }]),
  ];
  return (
    <Dialog
      title={account === null ? t("institutions:services.create") : t("institutions:ownRoles.changeOf", { name: account.name })}
      onClose={onClose}
    >
      <form className="zg-stack" onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <TextInput label={t("institutions:column.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("institutions:services.purpose")} required {...form.getInputProps("purpose")} />
        <NativeSelect
          label={t("institutions:services.responsible")}
          description={t("institutions:services.responsibleRule")}
          data={choices}
          {...form.getInputProps("responsible")}
        />
        <HeldRolesFields
          institution={institution.slug}
          value={form.values}
          offered={rolesForService(institution.slug === "platform")}
          {...(errors.error === undefined ? {} : { error: errors.error })}
          onChange={({ roles, customRoles, tiers }) => form.setValues({ roles, customRoles, tiers } as Partial<ServiceForm>)}
        />
        {save.error ? <ProblemPanel error={save.error} /> : null}
        <div className="zg-spread">
          <span className="zg-row">
            <Button type="submit" loading={save.isPending}>
              {t("common:save")}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
          </span>
          {account !== null && (
            <Button variant="default" data-danger onClick={() => setRemoving(true)}>
              {t("institutions:services.remove")}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
