import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { AddedMember, AddMember, type Institution, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ShownSecret } from "../../ui/shown-secret.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { type HeldRoles, HeldRolesFields, heldRequest } from "./held-roles.js";

interface MemberForm extends Record<string, unknown>, HeldRoles {
  readonly email: string;
  readonly name: string;
}
const requestOf = (form: MemberForm) => ({ email: form.email, name: form.name, ...heldRequest(form) });

/** Adds a person; the one-time password is shown this once. */
export function AddMemberDialog({ institution, onClose }: { readonly institution: Institution; readonly onClose: () => void }) {
  const { t } = useTranslation(["institutions", "common"]);
  const queryClient = useQueryClient();
  const start: MemberForm = {
    email: "",
    name: "",
    roles: [institution.slug === "platform" ? "platform_engineer" : "institution_member"],
    customRoles: [],
    tiers: [],
  };
  const { form, refuse } = useContractForm<MemberForm>(AddMember, start, requestOf);
  const roleErrors: { error?: string } = form.getInputProps("roles");
  const tierErrors: { error?: string } = form.getInputProps("tiers");
  const error = roleErrors.error ?? tierErrors.error;
  const add = useMutation({
    mutationFn: (values: MemberForm) => api.send("POST", paths.members(institution.slug), requestOf(values), AddedMember),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [paths.members(institution.slug)] }),
    onError: (error) => refuse(violationsOf(error)),
  });
  return (
    <Dialog title={t("institutions:members.add")} onClose={onClose}>
      {add.data ? (
        <ShownSecret
          secret={add.data.oneTimePassword ?? ""}
          what={t("institutions:members.password")}
          lead={
            <>
              <p role="status">{t("institutions:members.added", { name: add.data.name })}</p>
              <p>{t("institutions:members.oneTime")}</p>
            </>
          }
          testId="one-time-password"
          onClose={onClose}
        />
      ) : (
        <form className="zg-stack" onSubmit={form.onSubmit((values) => add.mutate(values))}>
          <TextInput label={t("institutions:members.email")} type="email" required data-autofocus {...form.getInputProps("email")} />
          <TextInput label={t("institutions:members.name")} required {...form.getInputProps("name")} />
          <HeldRolesFields
            institution={institution.slug}
            value={form.values}
            {...(error === undefined ? {} : { error })}
            onChange={({ roles, customRoles, tiers }) => form.setValues({ roles, customRoles, tiers } as Partial<MemberForm>)}
          />
          {add.error ? <ProblemPanel error={add.error} /> : null}
          <div className="zg-row">
            <Button type="submit" loading={add.isPending}>
              {t("institutions:members.add")}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t("common:cancel")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
