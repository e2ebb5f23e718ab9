import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type LoginRequest, LoginRequest as LoginSchema, SignInRefusal, Slug } from "@ziggurat/contracts";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { ApiProblem, violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { chooseLanguage } from "../../lib/i18n.js";
import { meQuery, signIn, signOutOffer } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { AppNavigate } from "../../ui/app-navigate.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { PasskeyButton } from "./passkey-button.js";
import "./login.css";
import { SignInProviders } from "./sign-in-providers.js";
import { SignOutThere } from "./sign-out-there.js";

const UrlSchema = z.object({
  next: z.string().startsWith("/").optional(),
  /** Why a sign-in through a provider came to nothing, and whose provider it was. */
  refused: SignInRefusal.optional(),
  /** Back from signing out at a provider. */
  signedOut: z.literal("there").optional(),
  institution: Slug.optional(),
});

interface LoginForm extends Record<string, unknown> {
  readonly email: string;
  readonly password: string;
  readonly code: string;
}
function requestOf({ email, password, code }: LoginForm): LoginRequest {
  return { email, password, ...(code.trim() === "" ? {} : { code: code.trim() }) };
}
const asksForCode = (error: unknown): boolean => error instanceof ApiProblem && error.code === "second_factor_required";

export function LoginPage() {
  const { t, i18n } = useTranslation("login");
  const { values: url } = useUrlState(UrlSchema);
  // Read once: the address changes under this page while it leaves. A place within the console only: `//host` would leave it.
  const [next] = useState(url.next && !url.next.startsWith("//") ? url.next : to.home());
  const queryClient = useQueryClient();
  const { data: me } = useQuery(meQuery);
  // Read once: it is good for one way there.
  const [offer] = useState(() => signOutOffer(queryClient));
  const { form } = useContractForm<LoginForm>(LoginSchema, { email: "", password: "", code: "" }, requestOf);
  const submit = useMutation({
    mutationFn: (values: LoginForm) => signIn(requestOf(values)),
    onSuccess: () => queryClient.resetQueries(),
    // The password was right where only the code is missing; it goes along again.
    onError: (error) => {
      setAsksCode(asksForCode(error));
      form.setFieldValue(asksForCode(error) ? "code" : "password", "");
    },
  });
  const [asksCode, setAsksCode] = useState(false);
  const isWrong = submit.error !== null && (!asksCode || violationsOf(submit.error).length > 0);
  useEffect(() => {
    document.title = t("title");
  }, [t]);
  if (me) return <AppNavigate to={next} />;
  const other = i18n.language === "zh" ? "en" : "zh";
  return (
    <main className="zg-login">
      <div className="zg-login-card">
        <div className="zg-row">
          <img src="/mark.svg" alt="" width="32" height="32" />
          <h1>{t("heading")}</h1>
        </div>
        <p className="zg-quiet">{t("lead")}</p>
        {url.refused && (
          <p className="zg-note" data-tone="warning" role="alert">
            {t(`refused.${url.refused}`)}
          </p>
        )}
        {url.signedOut ? (
          <p className="zg-note" role="status">
            {t("signedOut.there")}
          </p>
        ) : (
          offer && <SignOutThere offer={offer} />
        )}
        <form className="zg-stack" onSubmit={form.onSubmit((values) => submit.mutate(values))}>
          <TextInput label={t("email")} type="email" autoComplete="username" autoFocus size="sm" {...form.getInputProps("email")} />
          <PasswordInput
            label={t("password")}
            autoComplete="current-password"
            size="sm"
            visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
            {...form.getInputProps("password")}
          />
          {asksCode && (
            <>
              <p role="status">{t("codeLead")}</p>
              <TextInput label={t("code")} autoComplete="one-time-code" size="sm" data-autofocus {...form.getInputProps("code")} />
            </>
          )}
          {isWrong ? <ProblemPanel error={submit.error} /> : null}
          <Button type="submit" size="sm" loading={submit.isPending}>
            {t("signIn")}
          </Button>
          <PasskeyButton password={asksCode ? requestOf(form.values) : null} />
        </form>
        <SignInProviders institution={url.institution} next={next} />
        <button type="button" className="zg-icon-button" lang={other === "zh" ? "zh-CN" : "en"} onClick={() => void chooseLanguage(other)}>
          {t(`otherLanguage.${other}`)}
        </button>
      </div>
    </main>
  );
}
