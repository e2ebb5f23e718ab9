import type { Lineage, LineageEdge, LineageNode } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { shortId } from "../lib/format.js";
import { useWords } from "../lib/words.js";
import { AppLink } from "./app-link.js";
import { DataTable } from "./data-table.js";
import { Digest } from "./digest.js";
import { DatasetVersionLink, VersionLink } from "./ref-link.js";
import { Time } from "./time.js";

/** Every derivation of a lineage answer as a row: what the picture draws, in words. */
export function LineageTable({ lineage }: { readonly lineage: Lineage }) {
  const { t } = useTranslation();
  const words = useWords();
  const nodes = new Map(lineage.nodes.map((node) => [node.id, node]));
  if (lineage.edges.length === 0) return <p className="zg-face">{t("lineage.noEdges")}</p>;
  return (
    <DataTable<LineageEdge>
      label={t("lineage.table")}
      rows={lineage.edges}
      rowKey={(edge) => `${edge.child} ${edge.relation} ${edge.parent}`}
      columns={[
        { id: "child", header: t("lineage.child"), cell: (edge) => <NodeLink node={nodes.get(edge.child)} id={edge.child} /> },
        { id: "relation", header: t("lineage.relation"), nowrap: true, cell: (edge) => words.t(`relation.${edge.relation}`) },
        { id: "parent", header: t("lineage.parent"), cell: (edge) => <NodeLink node={nodes.get(edge.parent)} id={edge.parent} /> },
        { id: "seal", header: t("lineage.seal"), nowrap: true, cell: (edge) => words.t(`seal.${edge.seal}`) },
        {
          id: "job",
          header: t("lineage.job"),
          nowrap: true,
          cell: (edge) => (edge.job ? <AppLink to={to.job(edge.job)}>#{shortId(edge.job)}</AppLink> : "–"),
        },
        {
          id: "digest",
          header: t("lineage.parentDigest"),
          nowrap: true,
          cell: (edge) => (edge.parentDigest ? <Digest value={edge.parentDigest} /> : "–"),
        },
        { id: "at", header: t("lineage.at"), nowrap: true, cell: (edge) => <Time at={edge.createdAt} /> },
      ]}
    />
  );
}

function NodeLink({ node, id }: { readonly node: LineageNode | undefined; readonly id: string }) {
  if (!node) return <bdi>{id}</bdi>;
  return node.kind === "dataset" ? <DatasetVersionLink value={node.ref} /> : <VersionLink value={node.ref} />;
}
