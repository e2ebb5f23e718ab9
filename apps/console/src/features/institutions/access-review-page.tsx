import { Button } from "@mantine/core";
import { PersonAccess, paths, ROLES, Role, SCOPES, Scope } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { saveFile } from "../../lib/save-file.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { ChangeRoles } from "./change-roles.js";
import { RevokeTokenDialog } from "./revoke-token-dialog.js";
import { RolesHeld } from "./roles-held.js";
import { WorkLeftBehind } from "./work-left-behind.js";

const UrlSchema = z.object({ inst: z.string().optional(), role: Role.optional(), scope: Scope.optional() });
type Token = NonNullable<PersonAccess["credentials"]>["tokens"][number];
interface Revoking {
  readonly person: PersonAccess;
  readonly token: Token;
}

/** Who can do what in an institution, and why; rights are taken away where they are read. */
export function AccessReviewPage() {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const me = useMe();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const slug = values.inst ?? me.institution.slug;
  const query = { institution: slug, "filter[role]": values.role, "filter[scope]": values.scope };
  const read = usePages({ path: paths.accessReview(), item: PersonAccess, query });
  const [changing, setChanging] = useState<PersonAccess | null>(null);
  const [revoking, setRevoking] = useState<Revoking | null>(null);
  const mayChange = hasRole(me, "platform_admin") || (hasRole(me, "institution_admin") && slug === me.institution.slug);
  const columns = useColumns(mayChange ? { onChange: setChanging, onRevoke: setRevoking } : null);
  const filters = [
    ...(values.role ? [{ key: "role", label: words.t(`role.${values.role}`), onRemove: () => set({ role: undefined }) }] : []),
    ...(values.scope ? [{ key: "scope", label: values.scope, onRemove: () => set({ scope: undefined }) }] : []),
  ];
  return (
    <Page
      title={t("review.titleOf", { slug })}
      lead={t("review.lead")}
      actions={
        <Button variant="default" onClick={() => save(query)}>
          {t("review.export")}
        </Button>
      }
    >
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterSelect
          label={t("review.role")}
          value={values.role}
          options={ROLES.map((role) => ({ value: role, label: words.t(`role.${role}`) }))}
          onChange={(role) => set({ role })}
        />
        <FilterSelect
          label={t("review.scope")}
          value={values.scope}
          options={SCOPES.map((scope) => ({ value: scope, label: scope }))}
          onChange={(scope) => set({ scope })}
        />
      </div>
      <ListFaces read={read} filters={filters} empty={t("members.empty")}>
        {(rows) => (
          <>
            <DataTable<PersonAccess>
              label={t("review.title")}
              rows={rows}
              rowKey={(row) => row.user}
              columns={columns}
              isDimmed={read.isDimmed}
            />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
      <WorkLeftBehind slug={slug} />
      {changing && <ChangeRoles slug={slug} person={changing} onClose={() => setChanging(null)} />}
      {revoking && <RevokeTokenDialog slug={slug} {...revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}

interface Acts {
  readonly onChange: (person: PersonAccess) => void;
  readonly onRevoke: (revoking: Revoking) => void;
}

function useColumns(acts: Acts | null): Column<PersonAccess>[] {
  const { t } = useTranslation("institutions");
  return [
    {
      id: "person",
      header: t("members.name"),
      cell: ({ name, email, service }) => (
        <>
          <bdi className="zg-clip">{name}</bdi>
          <div className="zg-quiet zg-small">
            {service === null ? (
              <bdi>{email}</bdi>
            ) : (
              t(service.isActive ? "services.answersFor" : "services.resting", { name: service.responsible })
            )}
          </div>
        </>
      ),
    },
    { id: "roles", header: t("members.roles"), cell: (row) => <RolesHeld held={row} /> },
    {
      id: "granted",
      header: t("review.granted"),
      cell: ({ granted, since, user }) => (
        <AppLink to={to.audit({ object: user })}>
          {granted?.by ?? t("review.first")} <Time at={granted?.at ?? since} />
        </AppLink>
      ),
    },
    { id: "rights", header: t("review.rights"), cell: (row) => <Rights person={row} /> },
    { id: "tokens", header: t("review.tokens"), cell: (row) => <Tokens person={row} onRevoke={acts?.onRevoke ?? null} /> },
    {
      id: "seen",
      header: t("review.seen"),
      nowrap: true,
      cell: ({ credentials, service }) =>
        credentials === null ? (
          "–"
        ) : (
          <>
            {credentials.lastSeenAt === null ? t("review.never") : <Time at={credentials.lastSeenAt} />}
            {/* A program signs in nowhere. */}
            {service === null && (
              <div className="zg-quiet zg-small">
                {t(credentials.passkeys > 0 ? "review.hasPasskeys" : credentials.hasSecondFactor ? "review.hasFactor" : "review.noFactor", {
                  count: credentials.passkeys,
                })}
              </div>
            )}
          </>
        ),
    },
    {
      id: "change",
      header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
      align: "end",
      cell: (row) =>
        acts === null || row.service !== null ? null : (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => acts.onChange(row)}
            aria-label={t("members.changeRolesOf", { name: row.name })}
          >
            {t("members.changeRoles")}
          </button>
        ),
    },
  ];
}

/** What a person may ask for and do, each with the roles that make it so. */
function Rights({ person }: { readonly person: PersonAccess }) {
  const { t } = useTranslation("institutions");
  const words = useWords();
  const named = (name: string) => {
    const role = ROLES.find((one) => one === name);
    return role === undefined ? name : words.t(`role.${role}`);
  };
  const why = (because: readonly string[]) => because.map(named).join(" · ");
  return (
    <details>
      <summary>{t("review.count", { count: person.scopes.length + person.deeds.length })}</summary>
      <ul className="zg-plain zg-small">
        {person.deeds.map(({ tier, deed, because }) => (
          <li key={`${tier} ${deed}`}>
            {t(`review.deed.${deed}`, { tier: words.tierModels(tier) })} <span className="zg-quiet">{why(because)}</span>
          </li>
        ))}
        {person.scopes.map(({ scope, because }) => (
          <li key={scope}>
            <code>{scope}</code> <span className="zg-quiet">{why(because)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Tokens({ person, onRevoke }: { readonly person: PersonAccess; readonly onRevoke: Acts["onRevoke"] | null }) {
  const { t } = useTranslation("institutions");
  if (person.credentials === null) return <span className="zg-quiet">{t("review.theirs")}</span>;
  if (person.credentials.tokens.length === 0) return <>–</>;
  return (
    <ul className="zg-plain zg-small">
      {person.credentials.tokens.map((token) => (
        <li key={token.id}>
          <bdi>{token.name}</bdi>{" "}
          <span className="zg-quiet">{token.scopes.length === 0 ? t("review.powerless") : token.scopes.join(" ")}</span>{" "}
          {onRevoke && (
            <button
              type="button"
              className="zg-link-button"
              onClick={() => onRevoke({ person, token })}
              aria-label={t("review.revokeOf", { token: token.name, name: person.name })}
            >
              {t("review.revoke")}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Lets the browser save the sheet of what is shown. */
function save(query: Readonly<Record<string, string | undefined>>): void {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const href = `${paths.accessReviewExport()}?${new URLSearchParams(given).toString()}`;
  saveFile(href, "access-review.csv");
}
