import type { GateResult, LineageNode } from "@ziggurat/contracts";
import type { NodeRow } from "./lineage.repository.js";

/** A version as the graph shows it. */
export function versionNode(row: NodeRow, distance: number, gates: readonly GateResult[]): LineageNode {
  return {
    id: row.ref,
    kind: "version",
    ref: row.ref,
    name: row.name,
    tier: row.tier,
    owner: row.owner,
    state: row.state,
    artifactKind: row.artifact_kind,
    rootDigest: row.root_digest,
    distance,
    gates: summary(gates),
  };
}

function summary(gates: readonly GateResult[]): LineageNode["gates"] {
  if (gates.length === 0) return null;
  if (gates.some(({ verdict }) => verdict === "failed")) return "failed";
  return gates.every(({ verdict }) => verdict === "passed") ? "passed" : "open";
}
