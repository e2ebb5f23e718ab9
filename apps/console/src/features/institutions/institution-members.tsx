import { Button } from "@mantine/core";
import { type Institution, Member, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hasRole, useMe } from "../../lib/session.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { AddMemberDialog } from "./add-member-dialog.js";
import { RolesDialog } from "./roles-dialog.js";
import { RolesHeld } from "./roles-held.js";

/** The institution's people and what they hold. */
export function InstitutionMembers({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const [isAdding, setAdding] = useState(false);
  const [changed, setChanged] = useState<Member | null>(null);
  const members = usePages({ path: paths.members(institution.slug), item: Member });
  const mayChange = hasRole(me, "platform_admin") || (hasRole(me, "institution_admin") && me.institution.slug === institution.slug);
  const add = mayChange ? <Button onClick={() => setAdding(true)}>{t("members.add")}</Button> : null;
  return (
    <section className="zg-stack" aria-label={t("members.title")}>
      <div className="zg-spread">
        <h2>{t("members.title")}</h2>
        {add}
      </div>
      <ListFaces read={members} empty={t("members.empty")} begin={add}>
        {(rows) => (
          <>
            <DataTable<Member>
              label={t("members.title")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                { id: "name", header: t("members.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
                { id: "email", header: t("members.email"), cell: (row) => <bdi className="zg-clip">{row.email}</bdi> },
                {
                  id: "roles",
                  header: t("members.roles"),
                  cell: (row) => <RolesHeld held={{ ...row, customRoles: row.customRoles.map(({ name }) => name) }} />,
                },
                { id: "created", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
                {
                  id: "change",
                  header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
                  align: "end",
                  cell: (row) =>
                    mayChange ? (
                      <button
                        type="button"
                        className="zg-link-button"
                        onClick={() => setChanged(row)}
                        aria-label={t("members.changeRolesOf", { name: row.name })}
                      >
                        {t("members.changeRoles")}
                      </button>
                    ) : null,
                },
              ]}
            />
            <TableFoot shown={rows.length} {...members} />
          </>
        )}
      </ListFaces>
      {isAdding && <AddMemberDialog institution={institution} onClose={() => setAdding(false)} />}
      {changed && <RolesDialog institution={institution} member={changed} onClose={() => setChanged(null)} />}
    </section>
  );
}
