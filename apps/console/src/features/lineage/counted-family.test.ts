import type { LineageGroup, LineageGroups } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { aLineage, aNode, anEdge } from "../../test/builders.js";
import { countedFamily, MOST_GROUPS, MOST_MEMBERS } from "./counted-family.js";
import { familyGraph, MOST_CARDS } from "./family-graph.js";
import { layoutFamily, stepFrom } from "./family-layout.js";

const wish = { group: "institution", open: [], hasDatasets: false } as const;
const aGroup = (key: string, versions: number | null, tier: LineageGroup["tier"] = "institution"): LineageGroup => ({
  key,
  name: key,
  tier,
  versions,
  withheld: versions === null,
});
/** The largest of so many groups, as a page of the API. */
function counted(groups: readonly LineageGroup[], all = groups.length): Pick<LineageGroups, "groups" | "total" | "minimum"> {
  return { groups: [...groups], total: { groups: all, versions: 750_000, withheld: false }, minimum: 5 };
}
const banks = (count: number) => Array.from({ length: count }, (_, at) => aGroup(`bank${at}`, 1000 - at));
const models = (bank: string, count: number) => Array.from({ length: count }, (_, at) => aGroup(`${bank}/task-${at}`, 50));

/** A finance focus on so many foundation versions. */
function standingOn(ancestors: number) {
  const below = Array.from({ length: ancestors }, (_, at) => `foundation/atlas@${at + 1}`);
  return aLineage("finance/ledger@1", {
    nodes: [aNode("finance/ledger@1"), ...below.map((ref) => aNode(ref, { distance: -1 }))],
    edges: below.map((ref) => anEdge("finance/ledger@1", ref)),
    nextCursor: "more",
  });
}

describe("the cards of a family that is counted", () => {
  it("are the ancestors, the largest groups, and one for the rest", () => {
    const graph = countedFamily(standingOn(3), counted(banks(60), 10_000), new Map(), wish);
    const kinds = (kind: string) => graph.cards.filter((card) => card.kind === kind);
    expect([kinds("version").length, kinds("group").length, kinds("rest").map(({ models }) => models)]).toEqual([
      4,
      MOST_GROUPS,
      [10_000 - MOST_GROUPS],
    ]);
    expect(kinds("group")[0]).toMatchObject({ title: "bank0", count: { versions: 1000, minimum: 5 }, versions: [] });
    expect(graph.links.filter(({ kind }) => kind === "reach")).toHaveLength(MOST_GROUPS + 1);
  });

  it("stand in the tier of their versions, also where the platform has a group in two", () => {
    const groups = [aGroup("platform", 900, "finance"), aGroup("platform", 40, "foundation"), aGroup("bank", 3)];
    const { cards } = countedFamily(standingOn(1), counted(groups), new Map(), wish);
    expect(cards.filter(({ kind }) => kind === "group").map(({ id, lane }) => [id, lane])).toEqual([
      ["group finance", "finance"],
      ["group foundation", "foundation"],
      ["group bank", "institution"],
    ]);
  });

  it("keep a withheld count withheld", () => {
    const { cards } = countedFamily(standingOn(1), counted([aGroup("bank", null)]), new Map([["bank", counted([])]]), wish);
    expect(cards.at(-1)).toMatchObject({ count: { versions: null, minimum: 5 }, isOpen: false });
  });

  it("keep an opened group's card and put its largest models right after it, and its rest last", () => {
    const members = new Map([["bank1", counted(models("bank1", 60), 300)]]);
    const graph = countedFamily(standingOn(1), counted(banks(3)), members, wish);
    const members1 = graph.cards.filter(({ group, kind }) => group === "bank1" && kind !== "group");
    expect(members1).toHaveLength(MOST_MEMBERS + 1);
    const placed = layoutFamily(graph).cards.filter(({ card }) => card.lane === "institution");
    const order = placed.sort((a, b) => a.y - b.y || a.x - b.x).map(({ card }) => card.id);
    expect(order.slice(0, 3)).toEqual(["group bank0", "group bank1", "model bank1/task-0"]);
    expect(order.indexOf("rest bank1")).toBe(order.indexOf("group bank2") - 1);
  });

  it("are never more than the limit, whatever is opened, and reached by arrow keys", () => {
    const groups = banks(40);
    const members = new Map(groups.map(({ key }) => [key, counted(models(key, 30), 30)]));
    const graph = countedFamily(standingOn(20), counted(groups, 90), members, wish);
    expect(graph.cards.length).toBeLessThanOrEqual(MOST_CARDS);
    expect(graph.cards.filter(({ isOpen }) => isOpen).length).toBeGreaterThan(0);
    const layout = layoutFamily(graph);
    const reached = new Set(["finance/ledger@1"]);
    for (const id of reached)
      for (const step of ["up", "down", "left", "right"] as const) reached.add(stepFrom(layout, graph.links, id, step));
    expect(reached.size).toBe(graph.cards.length);
  });

  it("are models where models are asked for", () => {
    const { cards } = countedFamily(standingOn(1), counted(models("bank", 2)), new Map(), { ...wish, group: "model" });
    expect(cards.slice(2).map(({ kind, title }) => [kind, title])).toEqual([
      ["model", "bank/task-0"],
      ["model", "bank/task-1"],
    ]);
  });
});

it("an opened group of a family that is listed stays where it was in the order, before what it opened into", () => {
  const tasks = Array.from({ length: 60 }, (_, at) => `bank${at % 10}/task-${at}@1`);
  const lineage = aLineage("finance/ledger@1", {
    nodes: [aNode("finance/ledger@1"), ...tasks.map((ref) => aNode(ref, { distance: 1 }))],
    edges: tasks.map((ref) => anEdge(ref, "finance/ledger@1")),
  });
  const order = (open: readonly string[]) =>
    layoutFamily(familyGraph(lineage, { ...wish, open }))
      .cards.filter(({ card }) => card.lane === "institution")
      .sort((a, b) => a.y - b.y || a.x - b.x)
      .map(({ card }) => card.id);
  const [closed, open] = [order([]), order(["bank3"])];
  expect(open.filter((id) => id.startsWith("group"))).toEqual(closed);
  expect(open[open.indexOf("group bank3") + 1]).toMatch(/^bank3\//);
});
