import type { Lineage, LineageGroup, LineageGroups } from "@ziggurat/contracts";
import {
  ancestorCards,
  type Card,
  type CardLink,
  datasetCards,
  type FamilyGraph,
  type FamilyWish,
  groupId,
  linksOf,
  MOST_CARDS,
  memberLinks,
} from "./family-graph.js";

/** Groups of descendants that get a card at first; the others are behind one card that lists them. */
export const MOST_GROUPS = 40;
/** Models of an opened group that get a card. */
export const MOST_MEMBERS = 24;

/** The largest groups of a list and how many there are in all. */
export type CountedGroups = Pick<LineageGroups, "groups" | "total" | "minimum">;

/** What a group is called in the address: an institution by its slug, the platform's part by its tier. */
export const groupName = ({ key, tier }: Pick<LineageGroup, "key" | "tier">): string =>
  tier === null || tier === "institution" ? key : tier;

/**
 * Cards and lines of a family too large to be drawn version by version: ancestors each on their own, descendants by the groups the API
 * counted. An opened group keeps its card and is followed by its largest models; one that would pass the limit stays closed.
 */
export function countedFamily(
  lineage: Lineage,
  reach: CountedGroups,
  members: ReadonlyMap<string, CountedGroups>,
  wish: FamilyWish,
): FamilyGraph {
  const cards = [...ancestorCards(lineage), ...(wish.hasDatasets ? datasetCards(lineage) : [])].slice(0, MOST_CARDS);
  const links: CardLink[] = linksOf(cards, lineage.edges);
  const room = Math.max(0, Math.min(MOST_GROUPS, MOST_CARDS - cards.length - 1));
  const shown = reach.groups.slice(0, room);
  let left = MOST_CARDS - cards.length - shown.length - 1;
  const add = (card: Card) => {
    cards.push(card);
    links.push({ id: `reach ${card.id}`, kind: "reach", parent: lineage.focus, child: card.id, edges: [] });
  };
  for (const group of shown) {
    if (wish.group === "model") {
      add(countedModel(group, reach.minimum));
      continue;
    }
    const name = groupName(group);
    const inside = members.get(name);
    const opened = inside ? membersOf(name, group, inside) : [];
    const isOpen = opened.length > 0 && opened.length <= left;
    add({ ...countedModel(group, reach.minimum), id: groupId(name), kind: "group", title: name, group: name, isOpen });
    if (!isOpen) continue;
    left -= opened.length;
    cards.push(...opened);
  }
  const beyond = reach.total.groups - shown.length;
  if (beyond > 0) add({ ...rest(beyond), lane: shown.at(-1)?.tier ?? "institution" });
  return { cards, links: [...links, ...memberLinks(cards)], leftOff: [] };
}

/** A card of versions that nobody listed yet. */
export function countedModel({ key, tier, versions }: LineageGroup, minimum: number): Card {
  return {
    id: `model ${key}`,
    kind: "model",
    lane: tier ?? "institution",
    title: key,
    versions: [],
    isFocus: false,
    models: 1,
    count: { versions, minimum },
  };
}

function membersOf(name: string, group: LineageGroup, inside: CountedGroups): Card[] {
  const models = inside.groups.slice(0, MOST_MEMBERS).map((model) => ({ ...countedModel(model, inside.minimum), group: name }));
  const beyond = inside.total.groups - models.length;
  if (beyond <= 0 || models.length === 0) return models;
  return [...models, { ...rest(beyond), id: `rest ${name}`, title: name, lane: group.tier ?? "institution", group: name }];
}

function rest(groups: number): Card {
  return { id: "rest", kind: "rest", lane: "institution", title: "", versions: [], isFocus: false, models: groups };
}
