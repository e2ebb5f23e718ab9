import { useQuery } from "@tanstack/react-query";
import { Lineage, paths, type Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { ButtonLink } from "../../ui/button-link.js";
import { ExternalRuns } from "../../ui/external-runs.js";
import { FamilyCounts } from "../../ui/family-counts.js";
import { LineageTable } from "../../ui/lineage-table.js";
import { ObjectPart } from "../../ui/object-faces.js";

/** The family of a version as a table; the picture is one link away. */
export function VersionLineage({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const read = useQuery({
    queryKey: [paths.lineage(version.ref), {}],
    queryFn: ({ signal }) => api.get(paths.lineage(version.ref), Lineage, { signal }),
  });
  return (
    <ObjectPart read={read}>
      {(lineage) => (
        <div className="zg-stack">
          <div className="zg-spread">
            <span>
              <FamilyCounts counts={lineage.counts} />
            </span>
            <ButtonLink to={to.lineage(version.ref)} variant="default">
              {t("openLineage")}
            </ButtonLink>
          </div>
          <div className="zg-framed">
            <LineageTable lineage={lineage} />
          </div>
          <ExternalRuns runs={lineage.external} />
        </div>
      )}
    </ObjectPart>
  );
}
