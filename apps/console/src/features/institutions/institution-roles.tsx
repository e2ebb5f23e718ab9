import { Button } from "@mantine/core";
import { CustomRole, type Institution, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hasRole, useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { ListSection } from "../../ui/list-section.js";
import { usePages } from "../../ui/use-pages.js";
import { RoleDialog } from "./role-dialog.js";

/** Roles that the institution made for itself. */
export function InstitutionRoles({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const formats = useFormats();
  const [edited, setEdited] = useState<CustomRole | "new" | null>(null);
  const read = usePages({ path: paths.roles(institution.slug), item: CustomRole });
  const mayChange = hasRole(me, "platform_admin") || (hasRole(me, "institution_admin") && me.institution.slug === institution.slug);
  const create = mayChange ? <Button onClick={() => setEdited("new")}>{t("ownRoles.create")}</Button> : null;
  return (
    <>
      <ListSection<CustomRole>
        title={t("ownRoles.title")}
        read={read}
        empty={t("ownRoles.empty")}
        begin={create}
        rowKey={(row) => row.id}
        columns={[
          {
            id: "name",
            header: t("column.name"),
            cell: (row) => (
              <>
                <bdi className="zg-clip">{row.name}</bdi>
                <div className="zg-quiet zg-small">
                  <bdi>{row.description}</bdi>
                </div>
              </>
            ),
          },
          { id: "scopes", header: t("review.scope"), cell: (row) => <code className="zg-small">{row.scopes.join(" ")}</code> },
          { id: "holders", header: t("ownRoles.holders"), align: "end", cell: (row) => formats.number(row.holders) },
          { id: "groups", header: t("ownRoles.groups"), align: "end", cell: (row) => formats.number(row.groups) },
          {
            id: "change",
            header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
            align: "end",
            cell: (row) =>
              mayChange ? (
                <button
                  type="button"
                  className="zg-link-button"
                  onClick={() => setEdited(row)}
                  aria-label={t("ownRoles.changeOf", { name: row.name })}
                >
                  {t("ownRoles.change")}
                </button>
              ) : null,
          },
        ]}
      />
      {edited && <RoleDialog institution={institution.slug} role={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}
