import { Button } from "@mantine/core";
import { type Institution, paths, ServiceAccount } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import type { Column } from "../../ui/data-table.js";
import { ListSection } from "../../ui/list-section.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { RolesHeld } from "./roles-held.js";
import { ServiceDialog } from "./service-dialog.js";
import { ServiceTokens } from "./service-tokens.js";

const UrlSchema = z.object({ sel: z.string().optional() });

interface Acts {
  readonly onChange: (account: ServiceAccount) => void;
  readonly onTokens: (account: ServiceAccount) => void;
}

/** Programs that work for the institution: what for, who answers for them, what they may do, and when they last did. */
export function InstitutionServices({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const [edited, setEdited] = useState<ServiceAccount | "new" | null>(null);
  const { values, set } = useUrlState(UrlSchema);
  const read = usePages({ path: paths.serviceAccounts(institution.slug), item: ServiceAccount });
  const mayChange = hasRole(me, "platform_admin", "institution_admin") && me.institution.slug === institution.slug;
  const columns = useColumns(mayChange ? { onChange: setEdited, onTokens: ({ id }) => set({ sel: id }) } : null);
  const opened = read.data?.find(({ id }) => id === values.sel);
  const create = mayChange ? <Button onClick={() => setEdited("new")}>{t("services.create")}</Button> : null;
  return (
    <div className="zg-stack zg-stack-wide">
      <ListSection<ServiceAccount>
        title={t("services.title")}
        read={read}
        empty={t("services.empty")}
        begin={create}
        columns={columns}
        rowKey={(row) => row.id}
      />
      {edited && <ServiceDialog institution={institution} account={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      {mayChange && opened && (
        <ServiceTokens key={opened.id} institution={institution.slug} account={opened} onClose={() => set({ sel: undefined })} />
      )}
    </div>
  );
}

function useColumns(acts: Acts | null): Column<ServiceAccount>[] {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  return [
    {
      id: "name",
      header: t("column.name"),
      cell: ({ name, purpose }) => (
        <>
          <bdi className="zg-clip">{name}</bdi>
          <div className="zg-quiet zg-small">
            <bdi>{purpose}</bdi>
          </div>
        </>
      ),
    },
    {
      id: "responsible",
      header: t("services.responsible"),
      cell: ({ responsible, isActive }) => (
        <>
          <bdi>{responsible.name}</bdi>
          {!isActive && <div className="zg-small">{t("services.left")}</div>}
        </>
      ),
    },
    {
      id: "roles",
      header: t("members.roles"),
      cell: (row) => <RolesHeld held={{ ...row, customRoles: row.customRoles.map(({ name }) => name) }} />,
    },
    {
      id: "tokens",
      header: t("review.tokens"),
      cell: (row) =>
        acts === null ? (
          formats.number(row.tokens)
        ) : (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => acts.onTokens(row)}
            aria-label={t("services.tokensOf", { name: row.name })}
          >
            {t("services.tokens", { count: row.tokens })}
          </button>
        ),
    },
    {
      id: "used",
      header: t("review.seen"),
      nowrap: true,
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? t("review.never") : <Time at={lastUsedAt} />),
    },
    {
      id: "change",
      header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
      align: "end",
      cell: (row) =>
        acts === null ? null : (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => acts.onChange(row)}
            aria-label={t("ownRoles.changeOf", { name: row.name })}
          >
            {t("ownRoles.change")}
          </button>
        ),
    },
  ];
}
