import { Button, TextInput } from "@mantine/core";
import { paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keepChoice, readChoice } from "../../lib/stored-choice.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { useProviders } from "./use-providers.js";

const REMEMBERED = "institution";

/** Ways to sign in that an institution offers beside a password. The browser remembers whose; without one they are the platform's own. */
export function SignInProviders({ institution, next }: { readonly institution: string | undefined; readonly next: string }) {
  const { t } = useTranslation("login");
  const [chosen, setChosen] = useState(institution ?? readChoice(REMEMBERED) ?? "");
  const [typed, setTyped] = useState(chosen);
  const { providers, isKnown, isFetching, error, refetch } = useProviders(chosen);
  return (
    <section className="zg-stack zg-login-others" aria-label={t("providers.title")}>
      <form
        className="zg-stack zg-stack-tight"
        onSubmit={(event) => {
          event.preventDefault();
          const slug = typed.trim().toLowerCase();
          keepChoice(REMEMBERED, slug);
          setTyped(slug);
          setChosen(slug);
        }}
      >
        <TextInput
          label={t("providers.institution")}
          description={t("providers.institutionRule")}
          autoComplete="organization"
          autoCapitalize="none"
          spellCheck={false}
          size="sm"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" size="sm" loading={isFetching && chosen !== ""}>
          {t("providers.show")}
        </Button>
      </form>
      {error ? <ProblemPanel error={error} onRetry={() => void refetch()} /> : null}
      <div role="status">
        {chosen !== "" && isKnown && providers.length === 0 && <p className="zg-quiet">{t("providers.none")}</p>}
        {providers.length > 0 && (
          <ul className="zg-login-providers">
            {providers.map(({ id, kind, name }) => (
              <li key={id}>
                {/* The server sends the browser on from there: no page of the console. */}
                <Button component="a" href={paths.signInStart(kind, id, next)} fullWidth size="sm" variant="default">
                  <bdi>{t("providers.through", { name })}</bdi>
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
