import type { Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import type { Column } from "../../ui/data-table.js";
import { Digest } from "../../ui/digest.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { GatesSummary } from "./gates-summary.js";

/** Columns of a model's versions. */
export function useVersionColumns(): readonly Column<Version>[] {
  const { t } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  return [
    {
      id: "number",
      header: t("column.version"),
      nowrap: true,
      cell: (version) => (
        <span className="zg-row">
          <AppLink to={to.version(version.ref)}>{t("versionNumber", { number: version.number })}</AppLink>
          {version.aliases.map((alias) => (
            <bdi key={alias} className="zg-alias">
              {alias}
            </bdi>
          ))}
        </span>
      ),
    },
    { id: "state", header: t("column.state"), cell: (version) => <VersionStateBadge state={version.state} /> },
    { id: "gates", header: t("column.gates"), nowrap: true, cell: (version) => <GatesSummary gates={version.gates} /> },
    { id: "artifact", header: t("column.artifact"), nowrap: true, cell: (version) => words.t(`artifactKind.${version.artifactKind}`) },
    {
      id: "parents",
      header: t("column.parents"),
      cell: (version) =>
        version.parents.length === 0 ? "–" : version.parents.map((parent) => <VersionLink key={parent.version} value={parent.version} />),
    },
    { id: "size", header: t("column.size"), align: "end", nowrap: true, cell: (version) => formats.bytes(version.sizeBytes) },
    {
      id: "digest",
      header: t("column.digest"),
      nowrap: true,
      cell: (version) => (version.rootDigest ? <Digest value={version.rootDigest} /> : "–"),
    },
    { id: "created", header: t("column.created"), nowrap: true, cell: (version) => <Time at={version.createdAt} /> },
  ];
}
