import { describe, expect, it } from "vitest";
import { aLineage, aNode, anEdge } from "../../test/builders.js";
import { familyGraph, joinPages, MOST_CARDS } from "./family-graph.js";
import { CARD_HEIGHT, CARD_WIDTH, layoutFamily, stepFrom } from "./family-layout.js";

const wish = { group: "institution", open: [], hasDatasets: false } as const;

/** A finance focus on one foundation model, with `models` task models at each of `banks` institutions. */
function family(banks: number, models: number) {
  const tasks = Array.from({ length: banks * models }, (_, at) => `bank${at % banks}/task-${Math.floor(at / banks)}@1`);
  return aLineage("finance/ledger@1", {
    nodes: [
      aNode("finance/ledger@1"),
      aNode("foundation/atlas@1", { distance: -1 }),
      ...tasks.map((ref) => aNode(ref, { distance: 1 })),
      aNode("finance/corpus@1", { id: "datasets/finance/corpus@1", kind: "dataset", tier: null, state: null, gates: null, distance: -1 }),
    ],
    edges: [
      anEdge("finance/ledger@1", "foundation/atlas@1"),
      anEdge("finance/ledger@1", "datasets/finance/corpus@1", { relation: "trained_on" }),
      ...tasks.map((ref) => anEdge(ref, "finance/ledger@1")),
    ],
  });
}

describe("the cards of a family", () => {
  it("show every ancestor and never more than the limit", () => {
    const graph = familyGraph(family(300, 4), { ...wish, group: "model" });
    expect(graph.cards.length).toBe(MOST_CARDS);
    expect(graph.cards.some((card) => card.id === "foundation/atlas@1")).toBe(true);
    const drawn = graph.cards.flatMap((card) => card.versions).length;
    expect(drawn + graph.leftOff.length).toBe(2 + 1200);
  });

  it("gather many descendants by institution, and open one group without moving past the limit", () => {
    const closed = familyGraph(family(10, 6), wish);
    expect(closed.cards.filter((card) => card.kind === "group")).toHaveLength(10);
    const open = familyGraph(family(10, 6), { ...wish, open: ["bank3"] });
    expect(open.cards.filter((card) => card.kind === "group" && card.isOpen).map(({ title }) => title)).toEqual(["bank3"]);
    expect(open.cards.filter((card) => card.title.startsWith("bank3/"))).toHaveLength(6);
  });

  it("show the versions of one model as one card", () => {
    const lineage = aLineage("finance/ledger@1", {
      nodes: [aNode("finance/ledger@1"), aNode("a/x@2", { distance: 1 }), aNode("a/x@1", { distance: 1 })],
      edges: [anEdge("a/x@1", "finance/ledger@1"), anEdge("a/x@2", "finance/ledger@1")],
    });
    const [, card] = familyGraph(lineage, wish).cards;
    expect(card).toMatchObject({ kind: "model", title: "a/x" });
    expect(card?.versions.map((node) => node.ref)).toEqual(["a/x@1", "a/x@2"]);
    expect(familyGraph(lineage, wish).links).toHaveLength(1);
  });

  it("have datasets only when they are asked for", () => {
    expect(familyGraph(family(1, 1), wish).cards.some((card) => card.lane === "datasets")).toBe(false);
    const graph = familyGraph(family(1, 1), { ...wish, hasDatasets: true });
    expect(graph.links.map((link) => link.edges[0]?.relation)).toContain("trained_on");
  });

  it("take each node and edge of the two answers once", () => {
    const lineage = family(2, 2);
    const joined = joinPages(lineage, [lineage]);
    expect([joined.nodes.length, joined.edges.length]).toEqual([lineage.nodes.length, lineage.edges.length]);
  });
});

describe("the layout of a family", () => {
  const graph = familyGraph(family(4, 5), { ...wish, hasDatasets: true });
  const layout = layoutFamily(graph);

  it("keeps the bands in their order and every card inside its own", () => {
    expect(layout.lanes.map(({ lane }) => lane)).toEqual(["institution", "finance", "foundation", "datasets"]);
    for (const { card, x, y } of layout.cards) {
      const lane = layout.lanes.find((candidate) => candidate.lane === card.lane);
      expect(lane && y >= lane.y && y + CARD_HEIGHT <= lane.y + lane.height && x + CARD_WIDTH <= lane.width).toBe(true);
    }
  });

  it("lets no two cards overlap", () => {
    const overlap = layout.cards.filter((a) =>
      layout.cards.some((b) => a !== b && Math.abs(a.x - b.x) < CARD_WIDTH && Math.abs(a.y - b.y) < CARD_HEIGHT),
    );
    expect(overlap).toEqual([]);
  });

  it("draws derivations within a band upward", () => {
    const chain = aLineage("finance/b@1", {
      nodes: [aNode("finance/b@1"), aNode("finance/a@1", { distance: -1 }), aNode("finance/c@1", { distance: 1 })],
      edges: [anEdge("finance/b@1", "finance/a@1"), anEdge("finance/c@1", "finance/b@1")],
    });
    const placed = new Map(layoutFamily(familyGraph(chain, wish)).cards.map(({ card, y }) => [card.id, y]));
    expect((placed.get("finance/c@1") ?? 0) < (placed.get("finance/b@1") ?? 0)).toBe(true);
    expect((placed.get("finance/b@1") ?? 0) < (placed.get("finance/a@1") ?? 0)).toBe(true);
  });

  it("gives the same picture for the same graph", () => {
    expect(layoutFamily(familyGraph(family(4, 5), { ...wish, hasDatasets: true }))).toEqual(layout);
  });

  it("reaches every card by arrow keys", () => {
    const reached = new Set(["finance/ledger@1"]);
    for (const id of reached)
      for (const step of ["up", "down", "left", "right"] as const) reached.add(stepFrom(layout, graph.links, id, step));
    expect(reached.size).toBe(graph.cards.length);
  });
});
