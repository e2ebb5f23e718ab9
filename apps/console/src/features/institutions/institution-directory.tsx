import { useQuery } from "@tanstack/react-query";
import { type Institution, paths, ScimDoor, ScimGroup } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { polling } from "../../lib/query-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { CopyButton } from "../../ui/copy-button.js";
import type { Column } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ListSection } from "../../ui/list-section.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { MapGroupDialog } from "./map-group-dialog.js";
import { RolesHeld } from "./roles-held.js";

/** Where the institution's directory sends its people (SCIM), whether it does, and what its groups give. For its own administrators. */
export function InstitutionDirectory({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const [mapped, setMapped] = useState<ScimGroup | null>(null);
  const path = paths.scim(institution.slug);
  const door = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, ScimDoor, { signal }), ...polling });
  const groups = usePages({ path: paths.scimGroups(institution.slug), item: ScimGroup });
  const columns = useColumns(setMapped);
  return (
    <section className="zg-stack" aria-label={t("directory.title")}>
      <h2>{t("directory.title")}</h2>
      <p className="zg-quiet">{t("directory.lead")}</p>
      <ObjectPart read={door}>
        {({ baseUrl, lastUsedAt, lastToken, people }) => (
          <Facts>
            <Fact term={t("directory.address")}>
              <span className="zg-row">
                <code className="zg-break">{baseUrl}</code>
                <CopyButton text={baseUrl} what={t("directory.address")} />
              </span>
            </Fact>
            <Fact term={t("directory.used")}>
              {lastUsedAt === null ? (
                t("directory.never")
              ) : (
                <>
                  <Time at={lastUsedAt} /> {lastToken !== null && <bdi className="zg-quiet">{lastToken}</bdi>}
                </>
              )}
            </Fact>
            <Fact term={t("directory.people")}>{formats.number(people)}</Fact>
          </Facts>
        )}
      </ObjectPart>
      <ListSection<ScimGroup>
        title={t("directory.groups")}
        level={3}
        read={groups}
        empty={t("directory.empty")}
        columns={columns}
        rowKey={({ id }) => id}
      />
      {mapped && <MapGroupDialog institution={institution} group={mapped} onClose={() => setMapped(null)} />}
    </section>
  );
}

function useColumns(onMap: (group: ScimGroup) => void): Column<ScimGroup>[] {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  return [
    { id: "name", header: t("directory.group"), cell: ({ name }) => <bdi className="zg-clip">{name}</bdi> },
    { id: "members", header: t("members.title"), align: "end", cell: ({ members }) => formats.number(members) },
    {
      id: "roles",
      header: t("members.roles"),
      cell: ({ roles, customRoles, tiers }) =>
        roles.length + customRoles.length === 0 ? (
          <span className="zg-quiet">{t("directory.nothing")}</span>
        ) : (
          <RolesHeld held={{ roles, customRoles: customRoles.map(({ name }) => name), tiers }} />
        ),
    },
    {
      id: "map",
      header: <span className="zg-visually-hidden">{t("members.actions")}</span>,
      align: "end",
      cell: (row) => (
        <button type="button" className="zg-link-button" onClick={() => onMap(row)} aria-label={t("directory.mapOf", { name: row.name })}>
          {t("directory.map")}
        </button>
      ),
    },
  ];
}
