import type { LineageFilter } from "@ziggurat/contracts";

/** Values of one statement; adding one answers its place. */
export class Parameters {
  readonly values: unknown[];
  constructor(...values: readonly unknown[]) {
    this.values = [...values];
  }
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

/** The state a version was in at an instant, as far as the viewer may know; null before it was sealed. */
export const stateAt = (version: string, instant: string): string =>
  `(select s.state from version_states s where s.version_id = ${version}.id and s.at <= ${instant}::timestamptz order by s.at desc limit 1)`;

/** What a filter asks of a line as a whole: a line lies inside one model, so tier, owner and model are the same all along it. */
export function lineConditions({ tier, owner, model }: LineageFilter, parameters: Parameters, line: string): string {
  return [
    tier && `${line}.tier = any(${parameters.add(tier)})`,
    owner && `${line}.institution_id in (select id from institutions where slug = any(${parameters.add(owner)}))`,
    model &&
      `${line}.model_id in (select m.id from models m join unnest(${parameters.add(model)}::text[]) as asked (ref)
         on m.namespace = split_part(asked.ref, '/', 1) and m.slug = split_part(asked.ref, '/', 2))`,
  ]
    .filter((condition) => condition !== undefined)
    .map((condition) => ` and ${condition}`)
    .join("");
}

/** What a filter asks of each version by itself. */
export function versionConditions({ relation, state, at }: LineageFilter, parameters: Parameters, version: string): string {
  const instant = at === undefined ? null : parameters.add(at);
  const then = instant === null ? `${version}.state` : stateAt(version, instant);
  return [
    relation && `exists (select 1 from edges r where r.child_id = ${version}.id and r.relation = any(${parameters.add(relation)}))`,
    instant && `${version}.sealed_at <= ${instant}::timestamptz`,
    state ? `${then} = any(${parameters.add(state)})` : instant && `${then} is not null`,
  ]
    .filter((condition) => typeof condition === "string")
    .map((condition) => ` and ${condition}`)
    .join("");
}

export const asksEachVersion = ({ relation, state, at }: LineageFilter): boolean => (relation ?? state ?? at) !== undefined;

/** A filter as a cursor is bound to it. */
export const filterKey = ({ relation, tier, state, owner, model, at }: LineageFilter): string =>
  JSON.stringify([relation, tier, state, owner, model, at]);
