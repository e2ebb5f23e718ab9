import { Card, type Model, type Scenario, Terms, type Tier, type VersionState, versionRef } from "@ziggurat/contracts";
import { cardCompleteness, cardGaps, type ModelFacts, type TierPolicy } from "@ziggurat/pyramid";

/** A model with what its page shows, as one statement reads it. */
export interface ModelRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly region: string | null;
  readonly namespace: string;
  readonly slug: string;
  readonly tier: Tier;
  readonly name: string;
  readonly card: unknown;
  readonly licence: string | null;
  readonly terms: unknown;
  readonly scenario: Scenario | null;
  readonly tags: readonly string[];
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly versions: number;
  readonly latest_number: number | null;
  readonly latest_state: VersionState | null;
  readonly aliases: Readonly<Record<string, number>>;
}

/** @param policy the tier's: it says what the card is asked for */
export function modelOf(row: ModelRow, id: Model["id"], policy: TierPolicy): Model {
  const card = Card.parse(row.card);
  const claim = { card, licence: row.licence };
  return {
    id,
    ref: `${row.namespace}/${row.slug}`,
    namespace: row.namespace,
    slug: row.slug,
    tier: row.tier,
    name: row.name,
    owner: row.owner,
    card,
    cardCompleteness: cardCompleteness(policy, claim),
    cardGaps: cardGaps(policy, claim),
    licence: row.licence,
    terms: Terms.parse(row.terms),
    scenario: row.scenario,
    tags: [...row.tags],
    versions: row.versions,
    latest: row.latest_number === null ? null : versionRef(row.namespace, row.slug, row.latest_number),
    latestState: row.latest_state,
    aliases: Object.fromEntries(Object.entries(row.aliases).map(([name, number]) => [name, versionRef(row.namespace, row.slug, number)])),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export function modelFacts(row: ModelRow): ModelFacts {
  const { owner, tier, licence, region, scenario } = row;
  return { ref: `${row.namespace}/${row.slug}`, tier, owner, licence, terms: Terms.parse(row.terms), region, scenario };
}
