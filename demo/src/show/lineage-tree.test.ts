import type { Lineage, LineageEdge, LineageNode } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { lineageTree, mergeLineage } from "./lineage-tree.js";

const aNode = (ref: string, kind: "version" | "dataset" = "version"): LineageNode => ({
  id: kind === "dataset" ? `datasets/${ref}` : ref,
  kind,
  ref,
  name: ref,
  tier: null,
  owner: "platform",
  state: kind === "version" ? "released" : null,
  artifactKind: kind === "version" ? "full" : null,
  rootDigest: null,
  distance: 0,
  gates: null,
});
const anEdge = (child: string, parent: string, relation: LineageEdge["relation"]): LineageEdge => ({
  child,
  parent,
  relation,
  seal: "sealed",
  job: null,
  parentDigest: null,
  createdAt: "2026-01-01T00:00:00Z",
});
const aLineage = (nodes: LineageNode[], edges: LineageEdge[]): Lineage => ({
  focus: nodes[0]?.id ?? "",
  nodes,
  edges,
  counts: { ancestors: 0, descendants: 0, institutions: 0 },
  nextCursor: null,
  external: [],
});

const base = aNode("foundation/base@1");
const finance = aNode("finance/ledger@1");
const text = aNode("foundation/text@1", "dataset");
const shared = [anEdge(base.id, text.id, "trained_on"), anEdge(finance.id, base.id, "pretrained_from")];

describe("the lineage tree", () => {
  it("shows three tiers, each task model once under the finance model, with the data each learned from", () => {
    const [a, b] = [aNode("northbank/a@1"), aNode("eastcap/b@1")];
    const { nodes, edges } = mergeLineage([
      aLineage([a, finance, base, text], [...shared, anEdge(a.id, finance.id, "adapter_of")]),
      aLineage([b, finance, base, text], [...shared, anEdge(b.id, finance.id, "finetuned_from")]),
    ]);
    expect(lineageTree(nodes, edges)).toEqual([
      "foundation/base@1  full · released",
      "│   trained on foundation/text@1",
      "└─ finance/ledger@1  pretrained from · full · released",
      "   ├─ northbank/a@1  adapter of · full · released",
      "   └─ eastcap/b@1  finetuned from · full · released",
    ]);
  });

  it("merges answers without doubling nodes or edges", () => {
    const merged = mergeLineage([aLineage([base, text], shared.slice(0, 1)), aLineage([base, text], shared.slice(0, 1))]);
    expect(merged.nodes).toHaveLength(2);
    expect(merged.edges).toHaveLength(1);
  });
});
