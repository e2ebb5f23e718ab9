import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Institution, Member, Model, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useRouteParam } from "../../lib/route-param.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { AddMemberDialog } from "./add-member-dialog.js";
import { InstitutionDirectory } from "./institution-directory.js";
import { InstitutionEntitlements } from "./institution-entitlements.js";
import { InstitutionProviders } from "./institution-providers.js";
import { InstitutionQuota } from "./institution-quota.js";
import { InstitutionRoles } from "./institution-roles.js";
import { InstitutionServices } from "./institution-services.js";
import { MemberActs } from "./member-acts.js";
import { MemberSignInDialog } from "./member-sign-in-dialog.js";
import { RolesDialog } from "./roles-dialog.js";
import { RolesHeld } from "./roles-held.js";

/** One institution with its people and its models. */
export function InstitutionPage() {
  const slug = useRouteParam("slug");
  const read = useQuery({
    queryKey: [paths.institution(slug)],
    queryFn: ({ signal }) => api.get(paths.institution(slug), Institution, { signal }),
  });
  return <ObjectPage read={read}>{(institution) => <InstitutionView key={institution.id} institution={institution} />}</ObjectPage>;
}

function InstitutionView({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const me = useMe();
  const isOwn = me.institution.slug === institution.slug;
  const mayReview = me.scopes.includes("audit:read") || me.scopes.includes("institutions:write");
  return (
    <Page
      title={institution.name}
      heading={<bdi>{institution.name}</bdi>}
      beside={<code className="zg-quiet">{institution.slug}</code>}
      actions={
        mayReview && (
          <>
            <ButtonLink to={to.accessReview({ inst: institution.slug })} variant="default">
              {t("review.title")}
            </ButtonLink>
            {institution.slug !== "platform" && me.scopes.includes("institutions:write") && (
              <ButtonLink to={to.exit(institution.slug)} variant="default">
                {t("exit")}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      {institution.state !== "active" && (
        <p role="status" className="zg-face">
          {t(`readOnly.${institution.state}`)} <AppLink to={to.exit(institution.slug)}>{t("exit")}</AppLink>
        </p>
      )}
      <div className="zg-columns">
        <div className="zg-stack zg-stack-wide">
          {institution.slug !== "platform" && <InstitutionQuota institution={institution} />}
          <Members institution={institution} />
          <InstitutionServices institution={institution} />
          <InstitutionRoles institution={institution} />
          <Models institution={institution} />
          {me.institution.slug === institution.slug && me.scopes.includes("institutions:write") && (
            <InstitutionProviders institution={institution} />
          )}
          {isOwn && me.scopes.includes("institutions:write") && <InstitutionDirectory institution={institution} />}
          {institution.slug !== "platform" && <InstitutionEntitlements institution={institution} />}
        </div>
        <Panel title={t("about")}>
          <Facts>
            <Fact term={t("column.region")}>{institution.region}</Fact>
            <Fact term={t("column.members")}>{formats.number(institution.members)}</Fact>
            <Fact term={t("column.models")}>{formats.number(institution.models)}</Fact>
            <Fact term={t("column.created")}>
              <Time at={institution.createdAt} />
            </Fact>
          </Facts>
        </Panel>
      </div>
    </Page>
  );
}

function Members({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const me = useMe();
  const [isAdding, setAdding] = useState(false);
  const [changed, setChanged] = useState<Member | null>(null);
  const [seenTo, setSeenTo] = useState<Member | null>(null);
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
                    mayChange ? <MemberActs institution={institution} member={row} onRoles={setChanged} onSignIn={setSeenTo} /> : null,
                },
              ]}
            />
            <TableFoot shown={rows.length} {...members} />
          </>
        )}
      </ListFaces>
      {isAdding && <AddMemberDialog institution={institution} onClose={() => setAdding(false)} />}
      {seenTo && <MemberSignInDialog institution={institution} member={seenTo} onClose={() => setSeenTo(null)} />}
      {changed && <RolesDialog institution={institution} member={changed} onClose={() => setChanged(null)} />}
    </section>
  );
}

function Models({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const models = usePages({ path: paths.models(), item: Model, query: { "filter[namespace]": institution.slug } });
  return (
    <section className="zg-stack" aria-label={t("models.title")}>
      <h2>{t("models.title")}</h2>
      <ListFaces read={models} empty={t("models.empty")}>
        {(rows) => (
          <DataTable<Model>
            label={t("models.title")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "ref",
                header: t("models.model"),
                cell: (row) => (
                  <AppLink to={to.model(row.ref)}>
                    <bdi>{row.ref}</bdi>
                  </AppLink>
                ),
              },
              { id: "name", header: t("column.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
              {
                id: "state",
                header: t("models.state"),
                cell: (row) => (row.latestState ? <VersionStateBadge state={row.latestState} /> : "–"),
              },
            ]}
          />
        )}
      </ListFaces>
    </section>
  );
}
