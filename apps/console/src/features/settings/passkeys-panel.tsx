import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type Passkey, Passkeys, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { canUsePasskeys } from "../../lib/passkeys.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Time } from "../../ui/time.js";
import { AddPasskeyDialog } from "./add-passkey-dialog.js";
import { RemovePasskeyDialog } from "./remove-passkey-dialog.js";

/** One's passkeys: what signs in without a password, or after it. */
export function PasskeysPanel() {
  const { t } = useTranslation("settings");
  const [isAdding, setAdding] = useState(false);
  const [removed, setRemoved] = useState<Passkey | null>(null);
  const columns = useColumns(setRemoved);
  const read = useQuery({ queryKey: [paths.passkeys()], queryFn: ({ signal }) => api.get(paths.passkeys(), Passkeys, { signal }) });
  return (
    <section className="zg-stack" aria-label={t("passkey.title")}>
      <h2>{t("passkey.title")}</h2>
      <p>{t("passkey.lead")}</p>
      <ObjectPart read={read}>
        {({ data, host }) => (
          <>
            {data.length === 0 ? (
              <p className="zg-quiet">{t("passkey.empty")}</p>
            ) : (
              <DataTable<Passkey> label={t("passkey.title")} rows={data} rowKey={({ id }) => id} columns={columns} />
            )}
            {canUsePasskeys() && window.location.hostname === host ? (
              <div>
                <Button variant="default" onClick={() => setAdding(true)}>
                  {t("passkey.add")}
                </Button>
              </div>
            ) : (
              <Elsewhere host={host} />
            )}
          </>
        )}
      </ObjectPart>
      {isAdding && <AddPasskeyDialog onClose={() => setAdding(false)} />}
      {removed && <RemovePasskeyDialog passkey={removed} onClose={() => setRemoved(null)} />}
    </section>
  );
}

/** Why none can be made on this page, and where one can. */
function Elsewhere({ host }: { readonly host: string | null }) {
  const { t } = useTranslation("settings");
  if (host === null) return <p role="note">{t("passkey.nowhere")}</p>;
  const { protocol, port, pathname, hostname } = window.location;
  if (hostname === host) return <p role="note">{t("passkey.unable")}</p>;
  const there = `${host === "localhost" ? protocol : "https:"}//${host}${port === "" ? "" : `:${port}`}${pathname}`;
  return (
    <p role="note">
      {t("passkey.elsewhere", { here: hostname })} <a href={there}>{there}</a>
    </p>
  );
}

function useColumns(onRemove: (passkey: Passkey) => void): Column<Passkey>[] {
  const { t } = useTranslation("settings");
  return [
    {
      id: "name",
      header: t("passkey.name"),
      cell: ({ name, isSynced }) => (
        <>
          <bdi className="zg-clip">{name}</bdi>
          {isSynced && <div className="zg-quiet zg-small">{t("passkey.synced")}</div>}
        </>
      ),
    },
    { id: "created", header: t("token.created"), nowrap: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      id: "used",
      header: t("token.used"),
      nowrap: true,
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? t("token.never") : <Time at={lastUsedAt} />),
    },
    {
      id: "remove",
      header: <span className="zg-visually-hidden">{t("token.actions")}</span>,
      align: "end",
      cell: (row) => (
        <button
          type="button"
          className="zg-link-button"
          onClick={() => onRemove(row)}
          aria-label={t("passkey.removeOf", { name: row.name })}
        >
          {t("passkey.remove")}
        </button>
      ),
    },
  ];
}
