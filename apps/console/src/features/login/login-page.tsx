import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type LoginRequest, LoginRequest as LoginSchema, SignInRefusal, Slug } from "@ziggurat/contracts";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { ApiProblem, violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { ownPath } from "../../lib/own-path.js";
import { meQuery, signIn, signInByPasskey, signOutOffer } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { AppNavigate } from "../../ui/app-navigate.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { CodeField } from "./code-field.js";
import { LanguageButton } from "./language-button.js";
import { PasskeyButton } from "./passkey-button.js";
import "./login.css";
import { SignInProviders } from "./sign-in-providers.js";
import { SignOutThere } from "./sign-out-there.js";
import { StillSignedIn } from "./still-signed-in.js";

const UrlSchema = z.object({
  next: z.string().optional(),
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
  const { t } = useTranslation("login");
  const { values: url } = useUrlState(UrlSchema);
  // Read once: the address changes under this page while it leaves.
  const [next] = useState(() => ownPath(url.next, to.home()));
  const queryClient = useQueryClient();
  const { data: me, isPending } = useQuery(meQuery);
  // Read once: it is good for one way there.
  const [offer] = useState(() => signOutOffer(queryClient));
  const { form } = useContractForm<LoginForm>(LoginSchema, { email: "", password: "", code: "" }, requestOf);
  const submit = useMutation({
    mutationFn: (values: LoginForm) => enter(signIn(requestOf(values))),
    // The password was right where only the code is missing; it goes along again.
    onError: (error) => {
      setAsksCode(asksForCode(error));
      form.setFieldValue(asksForCode(error) ? "code" : "password", "");
    },
  });
  const [asksCode, setAsksCode] = useState(false);
  const [hasEntered, setEntered] = useState(false);
  const isWrong = submit.error !== null && (!asksCode || violationsOf(submit.error).length > 0);
  useEffect(() => {
    document.title = t("title");
  }, [t]);
  const enter = async (entering: Promise<void>) => {
    await entering;
    setEntered(true);
    await queryClient.resetQueries();
  };
  // Whoever is still signed in has another page to read the reason on.
  if (isPending && url.refused) return null;
  if (me && url.refused && !hasEntered) return <StillSignedIn me={me} refused={url.refused} next={next} />;
  if (me) return <AppNavigate to={next} />;
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
          {asksCode && <CodeField size="sm" {...form.getInputProps("code")} />}
          {isWrong ? <ProblemPanel error={submit.error} /> : null}
          <Button type="submit" size="sm" loading={submit.isPending}>
            {t("signIn")}
          </Button>
          <PasskeyButton
            isInstead={asksCode}
            onSigned={(passkey) => {
              const { email, password } = form.values;
              return enter(asksCode ? signIn({ email, password, passkey }) : signInByPasskey(passkey));
            }}
          />
        </form>
        <SignInProviders institution={url.institution} next={next} />
        <LanguageButton />
      </div>
    </main>
  );
}
