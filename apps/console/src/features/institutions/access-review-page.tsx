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
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { type Revoking, useReviewColumns } from "./access-review-columns.js";
import { ChangeRoles } from "./change-roles.js";
import { RevokeTokenDialog } from "./revoke-token-dialog.js";
import { WorkLeftBehind } from "./work-left-behind.js";

const UrlSchema = z.object({ inst: z.string().optional(), role: Role.optional(), scope: Scope.optional() });

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
  const columns = useReviewColumns(mayChange ? { onChange: setChanging, onRevoke: setRevoking } : null);
  const filters = [
    ...(values.role ? [{ key: "role", label: words.t(`role.${values.role}`), onRemove: () => set({ role: undefined }) }] : []),
    ...(values.scope ? [{ key: "scope", label: values.scope, onRemove: () => set({ scope: undefined }) }] : []),
  ];
  return (
    <Page
      title={t("review.titleOf", { slug })}
      lead={t("review.lead")}
      above={
        <AppLink to={to.institution(slug, { tab: "members" })}>
          <bdi>{slug}</bdi>
        </AppLink>
      }
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

/** Lets the browser save the sheet of what is shown. */
function save(query: Readonly<Record<string, string | undefined>>): void {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const href = `${paths.accessReviewExport()}?${new URLSearchParams(given).toString()}`;
  saveFile(href, "access-review.csv");
}
