import { type Lineage, type LineageEdge, type LineageNode, parseVersionRef, type Tier } from "@ziggurat/contracts";

export const MOST_CARDS = 200;
/** Descendant models up to this many stand alone; more are gathered by institution. */
const MOST_LOOSE_MODELS = 24;

export type Lane = Tier | "datasets";

/** One card of the picture. `versions` are oldest first; a card of one model may hold several, a group card many models. */
export interface Card {
  readonly id: string;
  readonly kind: "version" | "model" | "group" | "dataset";
  readonly lane: Lane;
  readonly title: string;
  readonly versions: readonly LineageNode[];
  readonly isFocus: boolean;
  /** How many models a group holds. */
  readonly models: number;
}

/** A line from a parent's card up to a child's. */
export interface CardLink {
  readonly id: string;
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

/** Joins the answers of the two directions into one. */
export function joinLineages(up: Lineage, down: Lineage): Lineage {
  const nodes = new Map([...up.nodes, ...down.nodes].map((node) => [node.id, node]));
  const edges = new Map([...up.edges, ...down.edges].map((edge) => [`${edge.child} ${edge.relation} ${edge.parent}`, edge]));
  const external = new Map([...up.external, ...down.external].map((run) => [run.runId, run]));
  return { ...down, counts: up.counts, nodes: [...nodes.values()], edges: [...edges.values()], external: [...external.values()] };
}

/** Cards and lines of a family: ancestors each on their own, descendants by model, and by institution where there are many. */
export function familyGraph(lineage: Lineage, wish: FamilyWish): FamilyGraph {
  const versions = lineage.nodes.filter((node) => node.kind === "version" && node.tier !== null);
  const ancestors = versions.filter((node) => node.distance <= 0);
  const descendants = versions.filter((node) => node.distance > 0);
  const cards: Card[] = ancestors.map((node) => versionCard(node, node.id === lineage.focus));
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
      const doesOpen = wish.open.includes(owner) && cards.length + models.size + owners.length <= MOST_CARDS;
      if (nodes[0]?.tier !== "institution" || doesOpen || models.size === 1) for (const own of models.values()) add(modelCard(own));
      else
        add({
          id: `group ${owner}`,
          kind: "group",
          lane: "institution",
          title: owner,
          versions: nodes,
          isFocus: false,
          models: models.size,
        });
    }
  } else {
    for (const nodes of byModel.values()) add(modelCard(nodes));
  }
  if (wish.hasDatasets) {
    for (const node of lineage.nodes.filter((candidate) => candidate.kind === "dataset")) {
      add({ id: node.id, kind: "dataset", lane: "datasets", title: node.ref, versions: [node], isFocus: false, models: 0 });
    }
  }
  return { cards, links: linksOf(cards, lineage.edges), leftOff };
}

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

function linksOf(cards: readonly Card[], edges: readonly LineageEdge[]): CardLink[] {
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
  return [...links].map(([id, link]) => ({ id, ...link }));
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
