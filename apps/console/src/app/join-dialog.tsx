import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type LoginRequest, LoginRequest as LoginSchema } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem, violationsOf } from "../lib/api-problem.js";
import { joinInstitution, useMe } from "../lib/session.js";
import { Dialog } from "../ui/dialog.js";
import { ProblemPanel } from "../ui/problem-panel.js";
import { useContractForm } from "../ui/use-contract-form.js";

interface JoinForm extends Record<string, unknown> {
  readonly institution: string;
  readonly email: string;
  readonly password: string;
  readonly code: string;
}
function requestOf({ institution, email, password, code }: JoinForm): LoginRequest {
  const given = {
    ...(institution.trim() === "" ? {} : { institution: institution.trim() }),
    ...(code.trim() === "" ? {} : { code: code.trim() }),
  };
  return { email, password, ...given };
}
const asksForCode = (error: unknown): boolean => error instanceof ApiProblem && error.code === "second_factor_required";

/** Signs in to another institution beside this one: with the account one has there, and its own password. */
export default function JoinDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["shell", "login", "common"]);
  const me = useMe();
  const [asksCode, setAsksCode] = useState(false);
  const { form, refuse } = useContractForm<JoinForm>(LoginSchema, { institution: "", email: me.email, password: "", code: "" }, requestOf);
  const join = useMutation({
    mutationFn: (values: JoinForm) => joinInstitution(requestOf(values)),
    onError: (error) => {
      setAsksCode(asksForCode(error));
      refuse(violationsOf(error));
    },
  });
  const isWrong = join.error !== null && (!asksCode || violationsOf(join.error).length > 0);
  return (
    <Dialog title={t("shell:join")} onClose={onClose}>
      <form className="zg-stack" onSubmit={form.onSubmit((values) => join.mutate(values))}>
        <p>{t("shell:joinLead")}</p>
        <TextInput
          label={t("shell:joinInstitution")}
          description={t("shell:joinInstitutionRule")}
          data-autofocus
          {...form.getInputProps("institution")}
        />
        <TextInput label={t("login:email")} type="email" required autoComplete="username" {...form.getInputProps("email")} />
        <PasswordInput
          label={t("login:password")}
          required
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
          {...form.getInputProps("password")}
        />
        {asksCode && <TextInput label={t("login:code")} autoComplete="one-time-code" {...form.getInputProps("code")} />}
        {isWrong ? <ProblemPanel error={join.error} /> : null}
        <div className="zg-row">
          <Button type="submit" loading={join.isPending}>
            {t("login:signIn")}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
