import { type Institution, Model, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { AppLink } from "../../ui/app-link.js";
import { ListSection } from "../../ui/list-section.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { usePages } from "../../ui/use-pages.js";

/** The institution's models, as far as the viewer may see them. */
export function InstitutionModels({ institution }: { readonly institution: Institution }) {
  const { t } = useTranslation("institutions");
  const models = usePages({ path: paths.models(), item: Model, query: { "filter[namespace]": institution.slug } });
  return (
    <ListSection<Model>
      title={t("models.title")}
      read={models}
      empty={t("models.empty")}
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
  );
}
