import { expect, it } from "vitest";
import { aLineage, aNode, anEdge } from "../test/builders.js";
import { spineOf } from "./spine-of.js";

it("leads from the ground up to the version, with further parents counted and a recalled one named", () => {
  const lineage = aLineage("northbank/aml@4", {
    nodes: [
      aNode("northbank/aml@4"),
      aNode("finance/ledger@1", { distance: -1 }),
      aNode("finance/quiet@1", { distance: -1 }),
      aNode("foundation/atlas@3", { distance: -2, state: "recalled" }),
    ],
    edges: [
      anEdge("northbank/aml@4", "finance/ledger@1"),
      anEdge("northbank/aml@4", "finance/quiet@1"),
      anEdge("finance/ledger@1", "foundation/atlas@3"),
    ],
  });
  expect(spineOf(lineage)).toEqual([
    { ref: "foundation/atlas@3", state: "recalled", others: 0 },
    { ref: "finance/ledger@1", state: "released", others: 1 },
    { ref: "northbank/aml@4", state: "released", others: 0 },
  ]);
});
