import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Token } from "@ziggurat/contracts";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { CreateTokenDialog } from "./create-token-dialog.js";
import { DangerDialog } from "./danger-dialog.js";
import type { Column } from "./data-table.js";
import { ListSection } from "./list-section.js";
import { RotateTokenDialog } from "./rotate-token-dialog.js";
import { Time } from "./time.js";
import type { TokenPlace } from "./token-place.js";
import { usePages } from "./use-pages.js";

interface TokenListProps<T extends Token> {
  readonly title: string;
  readonly empty: string;
  readonly place: TokenPlace<T>;
  /** What else is known of these, after their names. */
  readonly more?: readonly Column<T>[];
  readonly actions?: ReactNode;
}
type Act<T> = { readonly kind: "create" } | { readonly kind: "rotate" | "revoke"; readonly token: T };

/** Tokens of somebody, a person or a program: made, rotated and revoked. A secret is shown once and never again. */
export function TokenList<T extends Token>({ title, empty, place, more = [], actions }: TokenListProps<T>) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const [act, setAct] = useState<Act<T> | null>(null);
  const read = usePages({ path: place.list, item: place.item });
  const refresh = () => Promise.all([place.list, ...place.beside].map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
  const close = () => setAct(null);
  const columns = useColumns<T>(more, setAct);
  return (
    <>
      <ListSection<T>
        title={title}
        read={read}
        empty={empty}
        begin={<Button onClick={() => setAct({ kind: "create" })}>{t("token.create")}</Button>}
        actions={actions}
        columns={columns}
        rowKey={(row) => row.id}
      />
      {act?.kind === "create" && <CreateTokenDialog place={place} onMade={refresh} onClose={close} />}
      {act?.kind === "rotate" && <RotateTokenDialog token={act.token} place={place} onMade={refresh} onClose={close} />}
      {act?.kind === "revoke" && (
        <RevokeTokenDialog path={place.one(act.token.id)} name={act.token.name} onDone={refresh} onClose={close} />
      )}
    </>
  );
}

interface RevokeTokenDialogProps {
  readonly path: string;
  readonly name: string;
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

function RevokeTokenDialog({ path, name, onDone, onClose }: RevokeTokenDialogProps) {
  const { t } = useTranslation("settings");
  const revoke = useMutation({
    mutationFn: () => api.sendOnly("DELETE", path),
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  return (
    <DangerDialog
      title={t("token.revoke")}
      effect={t("token.revokeEffect", { name })}
      name={name}
      confirm={t("token.revoke")}
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}

function useColumns<T extends Token>(more: readonly Column<T>[], onAct: (act: Act<T>) => void): Column<T>[] {
  const { t } = useTranslation("settings");
  return [
    { id: "name", header: t("token.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
    ...more,
    { id: "scopes", header: t("token.scopes"), cell: (row) => <code>{row.scopes.join(" ")}</code> },
    { id: "created", header: t("token.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
    { id: "used", header: t("token.used"), nowrap: true, cell: (row) => <LastUse token={row} /> },
    { id: "expires", header: t("token.expires"), nowrap: true, cell: (row) => <Time at={row.expiresAt} /> },
    {
      id: "acts",
      header: <span className="zg-visually-hidden">{t("token.actions")}</span>,
      align: "end",
      cell: (token) => (
        <span className="zg-row">
          {(["rotate", "revoke"] as const).map((kind) => (
            <button
              key={kind}
              type="button"
              className="zg-link-button"
              onClick={() => onAct({ kind, token })}
              aria-label={t(`token.${kind}Of`, { name: token.name })}
            >
              {t(`token.${kind}`)}
            </button>
          ))}
        </span>
      ),
    },
  ];
}

function LastUse({ token: { lastUsedAt, lastUsedFrom } }: { readonly token: Token }) {
  const { t } = useTranslation("settings");
  if (lastUsedAt === null) return <>{t("token.never")}</>;
  return (
    <span>
      <Time at={lastUsedAt} />
      {lastUsedFrom !== null && (
        <>
          {" "}
          <bdi>{t("token.from", { address: lastUsedFrom })}</bdi>
        </>
      )}
    </span>
  );
}
