import { Button } from "@mantine/core";
import { type Institution, Member, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hasRole, useMe } from "../../lib/session.js";
import { ListSection } from "../../ui/list-section.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { AddMemberDialog } from "./add-member-dialog.js";
import { MemberActs } from "./member-acts.js";
import { MemberSignInDialog } from "./member-sign-in-dialog.js";
import { RolesDialog } from "./roles-dialog.js";
import { RolesHeld } from "./roles-held.js";

/** The institution's people and what they hold. */
export function InstitutionMembers({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const [isAdding, setAdding] = useState(false);
  const [changed, setChanged] = useState<Member | null>(null);
  const [seenTo, setSeenTo] = useState<Member | null>(null);
  const members = usePages({ path: paths.members(institution.slug), item: Member });
  const mayChange = hasRole(me, "platform_admin") || (hasRole(me, "institution_admin") && me.institution.slug === institution.slug);
  const add = mayChange ? <Button onClick={() => setAdding(true)}>{t("members.add")}</Button> : null;
  return (
    <>
      <ListSection<Member>
        title={t("members.title")}
        read={members}
        empty={t("members.empty")}
        begin={add}
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
              mayChange ? <MemberActs institution={institution} member={row} onRoles={setChanged} onSignIn={setSeenTo} /> : null,
          },
        ]}
      />
      {isAdding && <AddMemberDialog institution={institution} onClose={() => setAdding(false)} />}
      {seenTo && <MemberSignInDialog institution={institution} member={seenTo} onClose={() => setSeenTo(null)} />}
      {changed && <RolesDialog institution={institution} member={changed} onClose={() => setChanged(null)} />}
    </>
  );
}
