import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths, Token } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { CreateTokenDialog } from "./create-token-dialog.js";
import { RotateTokenDialog } from "./rotate-token-dialog.js";

/** Personal tokens for other clients; a secret is never shown again. */
export function TokensPanel() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [rotated, setRotated] = useState<Token | null>(null);
  const [revoked, setRevoked] = useState<Token | null>(null);
  const tokens = usePages({ path: paths.tokens(), item: Token });
  const revoke = useMutation({
    mutationFn: (token: Token) => api.sendOnly("DELETE", paths.token(token.id)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: [paths.tokens()] });
      setRevoked(null);
    },
  });
  const create = <Button onClick={() => setOpen(true)}>{t("token.create")}</Button>;
  return (
    <section className="zg-stack" aria-label={t("token.title")}>
      <div className="zg-spread">
        <h2>{t("token.title")}</h2>
        {create}
      </div>
      <ListFaces read={tokens} empty={t("token.empty")} begin={create}>
        {(rows) => (
          <>
            <DataTable<Token>
              label={t("token.title")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                { id: "name", header: t("token.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
                { id: "scopes", header: t("token.scopes"), cell: (row) => <code>{row.scopes.join(" ")}</code> },
                { id: "created", header: t("token.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
                {
                  id: "used",
                  header: t("token.used"),
                  nowrap: true,
                  cell: (row) =>
                    row.lastUsedAt ? (
                      <span>
                        <Time at={row.lastUsedAt} />
                        {row.lastUsedFrom !== null && (
                          <>
                            {" "}
                            <bdi>{t("token.from", { address: row.lastUsedFrom })}</bdi>
                          </>
                        )}
                      </span>
                    ) : (
                      t("token.never")
                    ),
                },
                { id: "expires", header: t("token.expires"), nowrap: true, cell: (row) => <Time at={row.expiresAt} /> },
                {
                  id: "revoke",
                  header: <span className="zg-visually-hidden">{t("token.actions")}</span>,
                  align: "end",
                  cell: (row) => (
                    <span className="zg-row">
                      <button
                        type="button"
                        className="zg-link-button"
                        onClick={() => setRotated(row)}
                        aria-label={t("token.rotateOf", { name: row.name })}
                      >
                        {t("token.rotate")}
                      </button>
                      <button
                        type="button"
                        className="zg-link-button"
                        onClick={() => setRevoked(row)}
                        aria-label={t("token.revokeOf", { name: row.name })}
                      >
                        {t("token.revoke")}
                      </button>
                    </span>
                  ),
                },
              ]}
            />
            <TableFoot shown={rows.length} {...tokens} />
          </>
        )}
      </ListFaces>
      {isOpen && <CreateTokenDialog onClose={() => setOpen(false)} />}
      {rotated && <RotateTokenDialog token={rotated} onClose={() => setRotated(null)} />}
      {revoked && (
        <DangerDialog
          title={t("token.revoke")}
          effect={t("token.revokeEffect", { name: revoked.name })}
          name={revoked.name}
          confirm={t("token.revoke")}
          isBusy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(revoked)}
          onClose={() => {
            setRevoked(null);
            revoke.reset();
          }}
        />
      )}
    </section>
  );
}
