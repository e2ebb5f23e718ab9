import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { CreateToken, type Scope, type Token } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { violationsOf } from "../lib/api-problem.js";
import { Dialog } from "./dialog.js";
import { ProblemPanel } from "./problem-panel.js";
import { ScopeChecks } from "./scope-checks.js";
import { ShownSecret } from "./shown-secret.js";
import { MadeToken, type TokenPlace } from "./token-place.js";
import { useContractForm } from "./use-contract-form.js";

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

interface CreateTokenDialogProps {
  readonly place: Pick<TokenPlace<Token>, "list" | "offered">;
  readonly onMade: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Makes a token and shows its secret this once. */
export function CreateTokenDialog({ place: { list, offered }, onMade, onClose }: CreateTokenDialogProps) {
  const { t } = useTranslation(["settings", "common"]);
  const { form, refuse } = useContractForm<TokenForm>(CreateToken, { name: "", scopes: [], days: "90" }, requestOf);
  const create = useMutation({
    mutationFn: (values: TokenForm) => api.send("POST", list, requestOf(values), MadeToken),
    onSuccess: onMade,
    onError: (error) => refuse(violationsOf(error)),
  });
  const errors: { error?: string } = form.getInputProps("scopes");
  return (
    <Dialog title={t("settings:token.create")} onClose={onClose}>
      {create.data ? (
        <ShownSecret secret={create.data.secret} onClose={onClose} />
      ) : (
        <form className="zg-stack" onSubmit={form.onSubmit((values) => create.mutate(values))}>
          <TextInput label={t("settings:token.name")} required data-autofocus {...form.getInputProps("name")} />
          {offered.length === 0 ? (
            <p className="zg-quiet">{t("settings:token.nothingToGive")}</p>
          ) : (
            <ScopeChecks
              label={t("settings:token.scopes")}
              offered={offered}
              value={form.values.scopes}
              error={errors.error}
              onChange={(scopes) => form.setFieldValue("scopes", scopes)}
            />
          )}
          <NativeSelect
            label={t("settings:token.lasts")}
            data={DAYS.map((value) => ({ value, label: t("settings:token.days", { count: Number(value) }) }))}
            {...form.getInputProps("days")}
          />
          {create.error ? <ProblemPanel error={create.error} /> : null}
          <div className="zg-row">
            <Button type="submit" loading={create.isPending} disabled={offered.length === 0}>
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
