import { Checkbox } from "@mantine/core";
import type { ComparedValue, Comparison, ComparisonRow } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { type OpenGroup, useWords } from "../../lib/words.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";
import { Time } from "../../ui/time.js";

/** A comparison's rows, those that differ first and marked as such. */
export function ComparisonTable({ comparison }: { readonly comparison: Comparison }) {
  const { t } = useTranslation("models");
  const [isShort, setShort] = useState(false);
  const differing = comparison.rows.filter(({ differs }) => differs);
  const columns: Column<ComparisonRow>[] = [
    { id: "field", header: t("compare.what"), cell: (row) => <FieldName row={row} /> },
    { id: "differs", header: t("compare.differs"), nowrap: true, cell: ({ differs }) => t(differs ? "compare.yes" : "compare.no") },
    ...comparison.versions.map((ref, column) => ({
      id: ref,
      header: <VersionLink value={ref} />,
      cell: (row: ComparisonRow) => <Value row={row} value={row.values[column] ?? null} />,
    })),
  ];
  return (
    <div className="zg-stack">
      <div className="zg-row zg-row-wide">
        <p aria-live="polite">{t("compare.count", { count: differing.length, all: comparison.rows.length })}</p>
        <Checkbox label={t("compare.only")} checked={isShort} onChange={(event) => setShort(event.currentTarget.checked)} />
      </div>
      <div className="zg-framed">
        <DataTable
          label={t("compare.title")}
          columns={columns}
          rows={isShort ? differing : comparison.rows}
          rowKey={({ group, field, on }) => `${group} ${field} ${on ?? ""}`}
        />
      </div>
    </div>
  );
}

function FieldName({ row: { group, field, on } }: { readonly row: ComparisonRow }) {
  const { t, i18n } = useTranslation("models");
  const words = useWords();
  const key = `compare.field.${field}`;
  const isOurs = group !== "gates" && i18n.exists(key, { ns: "models" });
  return (
    <span className="zg-stack zg-stack-tight">
      <span>{isOurs ? t(key as "compare.field.state") : words.known(group === "gates" ? "gate" : "hyperparameter", field)}</span>
      <span className="zg-quiet zg-small">{t(`compare.group.${group}`)}</span>
      {on !== null && <DatasetVersionLink value={on} />}
    </span>
  );
}

function Value({ row: { group, field }, value }: { readonly row: ComparisonRow; readonly value: ComparedValue }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  if (value === null) return <span className="zg-quiet">{t("compare.none")}</span>;
  if (Array.isArray(value)) return value.length === 0 ? "–" : <Items field={field} values={value} />;
  if (typeof value === "boolean") return t(value ? "compare.yes" : "compare.no");
  if (typeof value === "number") {
    if (field === "sizeBytes") return formats.bytes(value);
    if (field === "trainingSeconds") return formats.duration(value);
    if (field === "exactMatch") return formats.share(value, 1);
    return formats.number(value, 6);
  }
  if (field === "sealedAt" || field === "releasedAt") return <Time at={value} />;
  const verdict = group === "gates" ? VERDICTS.find((one) => one === value) : undefined;
  if (verdict !== undefined) return t(`gates.verdictWord.${verdict}`);
  const worded = WORDED[field];
  return <bdi className="zg-break">{worded === undefined ? value : words.known(worded, value)}</bdi>;
}

const VERDICTS = ["passed", "failed", "missing"] as const;

/** Fields whose values are words of the domain, with the group they stand in. */
const WORDED: Readonly<Record<string, OpenGroup>> = {
  artifactKind: "artifactKind",
  method: "method",
  schedule: "schedule",
  seal: "seal",
  state: "versionState",
  tier: "tier",
  relations: "relation",
};

function Items({ field, values }: { readonly field: string; readonly values: readonly string[] }) {
  const words = useWords();
  return (
    <ul className="zg-plain zg-stack">
      {values.map((value) => (
        <li key={value}>
          {field === "parents" ? (
            <VersionLink value={value} />
          ) : field === "datasets" ? (
            <DatasetVersionLink value={value} />
          ) : (
            <bdi>{field === "relations" ? words.known("relation", value) : value}</bdi>
          )}
        </li>
      ))}
    </ul>
  );
}
