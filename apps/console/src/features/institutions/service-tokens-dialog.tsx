import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  CreatedServiceToken,
  CreateToken,
  paths,
  SCOPES_OF_ROLE,
  type Scope,
  type ServiceAccount,
  ServiceToken,
} from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { useMe } from "../../lib/session.js";
import { DataTable } from "../../ui/data-table.js";
import { Dialog } from "../../ui/dialog.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ScopeChecks } from "../../ui/scope-checks.js";
import { ShownSecret } from "../../ui/shown-secret.js";
import { Time } from "../../ui/time.js";
import { useContractForm } from "../../ui/use-contract-form.js";
import { usePages } from "../../ui/use-pages.js";

interface TokenForm extends Record<string, unknown> {
  readonly name: string;
  readonly scopes: Scope[];
}
interface ServiceTokensDialogProps {
  readonly institution: string;
  readonly account: ServiceAccount;
  readonly onClose: () => void;
}

/** A program's tokens: made, rotated and revoked by administrators; a secret is shown once. */
export function ServiceTokensDialog({ institution, account, onClose }: ServiceTokensDialogProps) {
  const { t } = useTranslation(["institutions", "settings", "common"]);
  const queryClient = useQueryClient();
  const path = paths.serviceTokens(institution, account.id);
  const read = usePages({ path, item: ServiceToken });
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () =>
    Promise.all([path, paths.serviceAccounts(institution)].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
  const show = async (made: CreatedServiceToken) => {
    setSecret(made.secret);
    await refresh();
  };
  const rotate = useMutation({
    mutationFn: (token: ServiceToken) =>
      api.send("POST", paths.serviceTokenRotation(institution, account.id, token.id), { overlapHours: 24 }, CreatedServiceToken),
    onSuccess: show,
  });
  const revoke = useMutation({
    mutationFn: (token: ServiceToken) => api.sendOnly("DELETE", paths.serviceToken(institution, account.id, token.id)),
    onSuccess: refresh,
  });
  const error = rotate.error ?? revoke.error;
  return (
    <Dialog title={t("institutions:services.tokensOf", { name: account.name })} onClose={onClose}>
      {secret !== null ? (
        <ShownSecret secret={secret} onClose={() => setSecret(null)} />
      ) : (
        <div className="zg-stack">
          <ListFaces read={read} empty={t("institutions:services.noTokens")}>
            {(rows) => (
              <DataTable<ServiceToken>
                label={t("institutions:review.tokens")}
                rows={rows}
                rowKey={(row) => row.id}
                columns={[
                  { id: "name", header: t("settings:token.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
                  { id: "by", header: t("institutions:services.madeBy"), cell: (row) => <bdi>{row.madeBy}</bdi> },
                  {
                    id: "used",
                    header: t("settings:token.used"),
                    nowrap: true,
                    cell: (row) => (row.lastUsedAt === null ? t("settings:token.never") : <Time at={row.lastUsedAt} />),
                  },
                  { id: "ends", header: t("settings:token.expires"), nowrap: true, cell: (row) => <Time at={row.expiresAt} /> },
                  {
                    id: "acts",
                    header: <span className="zg-visually-hidden">{t("settings:token.actions")}</span>,
                    align: "end",
                    cell: (row) => (
                      <span className="zg-row">
                        <button
                          type="button"
                          className="zg-link-button"
                          onClick={() => rotate.mutate(row)}
                          aria-label={t("settings:token.rotateOf", { name: row.name })}
                        >
                          {t("settings:token.rotate")}
                        </button>
                        <button
                          type="button"
                          className="zg-link-button"
                          onClick={() => revoke.mutate(row)}
                          aria-label={t("settings:token.revokeOf", { name: row.name })}
                        >
                          {t("settings:token.revoke")}
                        </button>
                      </span>
                    ),
                  },
                ]}
              />
            )}
          </ListFaces>
          {error ? <ProblemPanel error={error} /> : null}
          <NewToken path={path} account={account} onMade={show} />
        </div>
      )}
    </Dialog>
  );
}

interface NewTokenProps {
  readonly path: string;
  readonly account: ServiceAccount;
  readonly onMade: (made: CreatedServiceToken) => Promise<void>;
}

/** Scopes are offered as far as the maker has them; the server takes those that the program's roles give. */
function NewToken({ path, account, onMade }: NewTokenProps) {
  const { t } = useTranslation("settings");
  const me = useMe();
  const { form, refuse } = useContractForm<TokenForm>(CreateToken, { name: "", scopes: [] });
  const create = useMutation({
    mutationFn: (values: TokenForm) => api.send("POST", path, values, CreatedServiceToken),
    onSuccess: onMade,
    onError: (error) => refuse(violationsOf(error)),
  });
  const builtIn = account.roles.flatMap((role) => SCOPES_OF_ROLE[role]);
  const offered = account.customRoles.length > 0 ? me.scopes : me.scopes.filter((scope) => builtIn.includes(scope));
  const errors: { error?: string } = form.getInputProps("scopes");
  return (
    <form className="zg-stack" onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <TextInput label={t("token.name")} required {...form.getInputProps("name")} />
      <ScopeChecks
        label={t("token.scopes")}
        offered={offered}
        value={form.values.scopes}
        error={errors.error}
        onChange={(scopes) => form.setFieldValue("scopes", scopes)}
      />
      {create.error ? <ProblemPanel error={create.error} /> : null}
      <div>
        <Button type="submit" loading={create.isPending} disabled={offered.length === 0}>
          {t("token.create")}
        </Button>
      </div>
    </form>
  );
}
