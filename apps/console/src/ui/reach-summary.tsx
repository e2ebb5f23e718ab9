import type { RecallPreview } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../lib/use-formats.js";
import { useWords } from "../lib/words.js";
import { DataTable } from "./data-table.js";
import { Fact, Facts } from "./facts.js";
import { VersionLink } from "./ref-link.js";
import { VersionStateBadge } from "./state-badge.js";

/** Everything a recall would touch, in figures and by name. */
export function ReachSummary({ preview }: { readonly preview: RecallPreview }) {
  const { t } = useTranslation("recalls");
  const words = useWords();
  const formats = useFormats();
  const others = preview.byInstitution.filter(({ institution }) => institution !== "platform");
  return (
    <div className="zg-stack">
      <p>{t("reach", { ref: preview.subject.ref, count: preview.versions, versions: formats.number(preview.versions) })}</p>
      <Facts>
        {preview.byTier
          .filter(({ versions }) => versions > 0)
          .map(({ tier, versions }) => (
            <Fact key={tier} term={words.t(`tier.${tier}`)}>
              {formats.number(versions)}
            </Fact>
          ))}
        <Fact term={t("preview.institutions")}>{formats.number(others.length)}</Fact>
        <Fact term={t("preview.alreadyRecalled")}>{formats.number(preview.alreadyRecalled)}</Fact>
        <Fact term={t("preview.jobsToCancel")}>{formats.number(preview.jobsToCancel)}</Fact>
        <Fact term={t("preview.jobsToFlag")}>{formats.number(preview.jobsToFlag)}</Fact>
      </Facts>
      {others.length > 0 && (
        <details>
          <summary>{t("preview.byInstitution")}</summary>
          <DataTable
            label={t("preview.byInstitution")}
            rows={others}
            rowKey={(row) => row.institution}
            columns={[
              { id: "institution", header: t("column.institution"), cell: (row) => <bdi>{row.institution}</bdi> },
              { id: "versions", header: t("column.versions"), align: "end", cell: (row) => formats.number(row.versions) },
            ]}
          />
        </details>
      )}
      {preview.first.length > 0 && (
        <details>
          <summary>{t("preview.first", { count: preview.first.length })}</summary>
          <ul className="zg-plain">
            {preview.first.map((version) => (
              <li key={version.ref} className="zg-row">
                <VersionLink value={version.ref} />
                <VersionStateBadge state={version.state} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
