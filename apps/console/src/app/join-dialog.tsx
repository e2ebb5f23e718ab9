import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type LoginRequest, LoginRequest as LoginSchema } from "@ziggurat/contracts";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CodeField } from "../features/login/code-field.js";
import { PasskeyButton } from "../features/login/passkey-button.js";
import { useProviders } from "../features/login/use-providers.js";
import { ApiProblem, violationsOf } from "../lib/api-problem.js";
import { joinByPasskey, joinInstitution, joinThroughProvider, useMe } from "../lib/session.js";
import { useSettled } from "../lib/use-delayed.js";
import { Dialog } from "../ui/dialog.js";
import { ProblemPanel } from "../ui/problem-panel.js";
import { useContractForm } from "../ui/use-contract-form.js";

interface JoinForm extends Record<string, unknown> {
  readonly institution: string;
  readonly email: string;
  readonly password: string;
  readonly code: string;
}
const slugIn = (text: string): string => text.trim().toLowerCase();
function requestOf({ institution, email, password, code }: JoinForm): LoginRequest {
  const given = {
    ...(slugIn(institution) === "" ? {} : { institution: slugIn(institution) }),
    ...(code.trim() === "" ? {} : { code: code.trim() }),
  };
  return { email, password, ...given };
}
const asksForCode = (error: unknown): boolean => error instanceof ApiProblem && error.code === "second_factor_required";

/** Signs in to another institution beside this one, with the account one has there: through a provider of it, by passkey, or by password. */
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
          autoComplete="organization"
          autoCapitalize="none"
          spellCheck={false}
          data-autofocus
          {...form.getInputProps("institution")}
        />
        <Providers institution={slugIn(form.values.institution)} />
        <PasskeyButton
          isInstead={asksCode}
          onSigned={(passkey) => {
            const { institution, email, password } = form.values;
            return asksCode
              ? joinInstitution({ ...requestOf({ institution, email, password, code: "" }), passkey })
              : joinByPasskey(passkey);
          }}
        />
        <TextInput label={t("login:email")} type="email" required autoComplete="username" {...form.getInputProps("email")} />
        <PasswordInput
          label={t("login:password")}
          required
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
          {...form.getInputProps("password")}
        />
        {asksCode && <CodeField {...form.getInputProps("code")} />}
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

/** Looked up while the name is typed; the browser leaves for the one that is chosen, and comes back over there. */
function Providers({ institution }: { readonly institution: string }) {
  const { t } = useTranslation("login");
  const me = useMe();
  const settled = useSettled(institution, 300);
  const { providers, isKnown, error, refetch } = useProviders(settled, settled !== "");
  const go = useMutation({ mutationFn: (providerId: string) => joinThroughProvider(providerId, me) });
  const { reset } = go;
  useEffect(() => {
    // Back from the provider by the browser's own button, the page may be shown as it was left.
    const back = ({ persisted }: PageTransitionEvent) => persisted && reset();
    window.addEventListener("pageshow", back);
    return () => window.removeEventListener("pageshow", back);
  }, [reset]);
  const failed = error ?? go.error;
  const isLeaving = go.isPending || go.isSuccess;
  return (
    <div className="zg-stack zg-stack-tight" role="status">
      {isKnown && providers.length === 0 && <p className="zg-quiet">{t("providers.none")}</p>}
      {providers.map(({ id, name }) => (
        <Button key={id} variant="default" loading={isLeaving && go.variables === id} disabled={isLeaving} onClick={() => go.mutate(id)}>
          <bdi className="zg-clip">{t("providers.through", { name })}</bdi>
        </Button>
      ))}
      {failed ? <ProblemPanel error={failed} onRetry={error ? () => void refetch() : undefined} /> : null}
    </div>
  );
}
