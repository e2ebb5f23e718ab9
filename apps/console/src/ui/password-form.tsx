import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ChangePassword, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { violationsOf } from "../lib/api-problem.js";
import { meQuery } from "../lib/session.js";
import { ProblemPanel } from "./problem-panel.js";
import { useContractForm } from "./use-contract-form.js";

interface PasswordFormProps {
  /** What the present one is called, where it is not just that. */
  readonly currentLabel?: string;
  /** Nothing else is open before: the first field takes the focus. */
  readonly isForced?: boolean;
}

/** Changes the viewer's password. */
export function PasswordForm({ currentLabel, isForced = false }: PasswordFormProps) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const { form, refuse } = useContractForm(ChangePassword, { currentPassword: "", newPassword: "" });
  const change = useMutation({
    mutationFn: (values: { currentPassword: string; newPassword: string }) => api.sendOnly("POST", paths.password(), values),
    onSuccess: async () => {
      form.reset();
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    },
    onError: (error) => refuse(violationsOf(error)),
  });
  const toggle = { "aria-label": t("password.show") };
  return (
    <form className="zg-form" onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <PasswordInput
        label={currentLabel ?? t("password.current")}
        autoFocus={isForced}
        autoComplete="current-password"
        visibilityToggleButtonProps={toggle}
        {...form.getInputProps("currentPassword")}
      />
      <PasswordInput
        label={t("password.new")}
        description={t("password.rule")}
        autoComplete="new-password"
        visibilityToggleButtonProps={toggle}
        {...form.getInputProps("newPassword")}
      />
      {change.error ? <ProblemPanel error={change.error} /> : null}
      {change.isSuccess && (
        <p className="zg-note" data-tone="good" role="status">
          {t("password.changed")}
        </p>
      )}
      <div>
        <Button type="submit" loading={change.isPending}>
          {t("password.change")}
        </Button>
      </div>
    </form>
  );
}
