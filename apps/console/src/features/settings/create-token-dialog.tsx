import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CreatedToken, CreateToken, paths, SCOPES, type Scope } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { useMe } from "../../lib/session.js";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ShownSecret } from "../../ui/shown-secret.js";
import { useContractForm } from "../../ui/use-contract-form.js";

const DAYS = ["7", "30", "90", "365"] as const;
const DAY_MS = 86_400_000;

interface TokenForm extends Record<string, unknown> {
  readonly name: string;
  readonly scopes: Scope[];
  readonly days: string;
}

function requestOf(form: TokenForm): CreateToken {
  // A minute less, so that "365 days" holds although the server's clock is ahead.
  const expiresAt = new Date(Date.now() + Number(form.days) * DAY_MS - 60_000).toISOString();
  return { name: form.name, scopes: form.scopes, expiresAt };
}

/** Makes a token and shows its secret this once. */
export function CreateTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "common"]);
  const me = useMe();
  const queryClient = useQueryClient();
  const { form, refuse } = useContractForm<TokenForm>(CreateToken, { name: "", scopes: [], days: "90" }, requestOf);
  const create = useMutation({
    mutationFn: (values: TokenForm) => api.send("POST", paths.tokens(), requestOf(values), CreatedToken),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [paths.tokens()] }),
    onError: (error) => refuse(violationsOf(error)),
  });
  const scopes = form.getInputProps("scopes");
  return (
    <Dialog title={t("settings:token.create")} onClose={onClose}>
      {create.data ? (
        <ShownSecret secret={create.data.secret} onClose={onClose} />
      ) : (
        <form className="zg-stack" onSubmit={form.onSubmit((values) => create.mutate(values))}>
          <TextInput label={t("settings:token.name")} required data-autofocus {...form.getInputProps("name")} />
          <Checkbox.Group label={t("settings:token.scopes")} value={form.values.scopes} error={scopes.error} onChange={scopes.onChange}>
            <div className="zg-scope-grid">
              {SCOPES.filter((scope) => me.scopes.includes(scope)).map((scope) => (
                <Checkbox key={scope} value={scope} label={<code>{scope}</code>} />
              ))}
            </div>
          </Checkbox.Group>
          <NativeSelect
            label={t("settings:token.lasts")}
            data={DAYS.map((value) => ({ value, label: t("settings:token.days", { count: Number(value) }) }))}
            {...form.getInputProps("days")}
          />
          {create.error ? <ProblemPanel error={create.error} /> : null}
          <div className="zg-row">
            <Button type="submit" loading={create.isPending}>
              {t("settings:token.create")}
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
