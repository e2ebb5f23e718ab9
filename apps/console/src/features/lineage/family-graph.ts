import { type Lineage, type LineageEdge, type LineageNode, parseVersionRef, type Tier } from "@ziggurat/contracts";

export const MOST_CARDS = 200;
/** Descendant models up to this many stand alone; more are gathered by institution. */
const MOST_LOOSE_MODELS = 24;

export type Lane = Tier | "datasets";

/** How many versions a card stands for where the API counted them; null where that is withheld, being below the minimum. */
export interface Count {
  readonly versions: number | null;
  readonly minimum: number;
}

/**
 * One card of the picture. `versions` are oldest first; a card of one model may hold several, a group card many models. A card with a
 * `count` holds none of them: its versions are known by number only. A `rest` card stands for groups that got no card of their own.
 */
export interface Card {
  readonly id: string;
  readonly kind: "version" | "model" | "group" | "dataset" | "rest";
  readonly lane: Lane;
  readonly title: string;
  readonly versions: readonly LineageNode[];
  readonly isFocus: boolean;
  /** How many models a group holds, or groups the rest; 0 where nobody counted. */
  readonly models: number;
  readonly count?: Count;
  /** Name of the group by which the card opens and closes; it belongs to that group, or is the group itself. */
  readonly group?: string;
  readonly isOpen?: boolean;
}

/**
 * A line from a parent's card up to a child's: derivations known one by one, or `reach`: all of the child's card descends from the
 * parent, by whatever ways. `member` is not drawn; arrow keys follow it from a group to what it opened into.
 */
export interface CardLink {
  readonly id: string;
  readonly kind: "derivation" | "reach" | "member";
  readonly parent: string;
  readonly child: string;
  readonly edges: readonly LineageEdge[];
}

export interface FamilyGraph {
  readonly cards: readonly Card[];
  readonly links: readonly CardLink[];
  /** Versions that no card could be given within the limit. */
  readonly leftOff: readonly LineageNode[];
}

export interface FamilyWish {
  readonly group: "institution" | "model";
  /** Institutions whose group is open. */
  readonly open: readonly string[];
  readonly hasDatasets: boolean;
}

/** Joins the pages of one lineage; each node, derivation and run once. */
export function joinPages(first: Lineage, more: readonly Lineage[]): Lineage {
  const pages = [first, ...more];
  const nodes = new Map(pages.flatMap((page) => page.nodes.map((node) => [node.id, node] as const)));
  const edges = new Map(
    pages.flatMap((page) => page.edges.map((edge) => [`${edge.child} ${edge.relation} ${edge.parent}`, edge] as const)),
  );
  const external = new Map(pages.flatMap((page) => page.external.map((run) => [run.runId, run] as const)));
  return {
    ...first,
    nodes: [...nodes.values()],
    edges: [...edges.values()],
    external: [...external.values()],
    nextCursor: pages.at(-1)?.nextCursor ?? null,
  };
}

/** The part of a family in one direction and so many hops down, the focus included. */
export function partOf(lineage: Lineage, direction: "up" | "down" | "both", depth: number): Lineage {
  const isIn = ({ distance }: LineageNode) =>
    distance <= 0 ? direction !== "down" || distance === 0 : direction !== "up" && distance <= depth;
  const nodes = lineage.nodes.filter(isIn);
  const ids = new Set(nodes.map((node) => node.id));
  return { ...lineage, nodes, edges: lineage.edges.filter((edge) => ids.has(edge.child) && ids.has(edge.parent)) };
}

/** Cards of what a family stands on, each version on its own, and of the focus. */
export function ancestorCards({ nodes, focus }: Lineage): Card[] {
  return nodes
    .filter((node) => node.kind === "version" && node.tier !== null && node.distance <= 0)
    .map((node) => versionCard(node, node.id === focus));
}

export function datasetCards({ nodes }: Lineage): Card[] {
  return nodes
    .filter((node) => node.kind === "dataset")
    .map((node) => ({ id: node.id, kind: "dataset", lane: "datasets", title: node.ref, versions: [node], isFocus: false, models: 0 }));
}

/** Cards and lines of a family: ancestors each on their own, descendants by model, and by institution where there are many. */
export function familyGraph(lineage: Lineage, wish: FamilyWish): FamilyGraph {
  const descendants = lineage.nodes.filter((node) => node.kind === "version" && node.tier !== null && node.distance > 0);
  const cards = ancestorCards(lineage);
  const byModel = groupBy(descendants, (node) => modelOf(node.ref));
  const isGathered = wish.group === "institution" && byModel.size > MOST_LOOSE_MODELS;
  const leftOff: LineageNode[] = [];
  const add = (card: Card) => {
    if (cards.length < MOST_CARDS) cards.push(card);
    else leftOff.push(...card.versions);
  };
  if (isGathered) {
    const byOwner = groupBy(descendants, (node) => (node.tier === "institution" ? node.owner : modelOf(node.ref)));
    const owners = [...byOwner].sort(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b));
    for (const [owner, nodes] of owners) {
      const models = groupBy(nodes, (node) => modelOf(node.ref));
      if (nodes[0]?.tier !== "institution" || models.size === 1) {
        for (const own of models.values()) add(modelCard(own));
        continue;
      }
      const isOpen = wish.open.includes(owner) && cards.length + models.size + owners.length <= MOST_CARDS;
      add({
        id: groupId(owner),
        kind: "group",
        lane: "institution",
        title: owner,
        versions: nodes,
        isFocus: false,
        models: models.size,
        group: owner,
        isOpen,
      });
      if (isOpen) for (const own of models.values()) add({ ...modelCard(own), group: owner });
    }
  } else {
    for (const nodes of byModel.values()) add(modelCard(nodes));
  }
  if (wish.hasDatasets) for (const card of datasetCards(lineage)) add(card);
  return { cards, links: [...linksOf(cards, lineage.edges), ...memberLinks(cards)], leftOff };
}

export const groupId = (group: string) => `group ${group}`;

function versionCard(node: LineageNode, isFocus: boolean): Card {
  return { id: node.id, kind: "version", lane: node.tier ?? "institution", title: node.ref, versions: [node], isFocus, models: 1 };
}

function modelCard(nodes: readonly LineageNode[]): Card {
  const [first] = nodes;
  if (nodes.length === 1 && first) return versionCard(first, false);
  const sorted = [...nodes].sort((a, b) => parseVersionRef(a.ref).number - parseVersionRef(b.ref).number);
  const model = modelOf(sorted[0]?.ref ?? "");
  return {
    id: `model ${model}`,
    kind: "model",
    lane: first?.tier ?? "institution",
    title: model,
    versions: sorted,
    isFocus: false,
    models: 1,
  };
}

/** Lines between the cards that hold both ends of a derivation. An opened group's versions are on the cards it opened into. */
export function linksOf(cards: readonly Card[], edges: readonly LineageEdge[]): CardLink[] {
  const cardOf = new Map(cards.flatMap((card) => card.versions.map((node) => [node.id, card.id] as const)));
  const links = new Map<string, { parent: string; child: string; edges: LineageEdge[] }>();
  for (const edge of edges) {
    const parent = cardOf.get(edge.parent);
    const child = cardOf.get(edge.child);
    if (parent === undefined || child === undefined || parent === child) continue;
    const id = `${parent} → ${child}`;
    const link = links.get(id);
    if (link) link.edges.push(edge);
    else links.set(id, { parent, child, edges: [edge] });
  }
  return [...links].map(([id, link]) => ({ id, kind: "derivation", ...link }));
}

/** From an opened group to each card it opened into. */
export function memberLinks(cards: readonly Card[]): CardLink[] {
  return cards.flatMap(({ id, group }) =>
    group === undefined || id === groupId(group)
      ? []
      : [{ id: `member ${id}`, kind: "member", parent: groupId(group), child: id, edges: [] }],
  );
}

function modelOf(ref: string): string {
  return ref.split("@")[0] ?? ref;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
