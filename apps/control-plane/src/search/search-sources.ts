import { MOST_SEARCH_RESULTS, type ParsedSearch, type SearchKind } from "@ziggurat/contracts";
import type { Add, SearchConditions } from "./search-conditions.js";

/** What finds the results of one kind. */
export interface SearchSource {
  /** Select of `id, rank, key, number, title, owner, tier, state`; no more than the window. */
  readonly found: string;
  /** The texts of one row `p` of it, as JSON. */
  readonly fields: string;
}
/** Null where what is asked cannot be said of the kind. */
type SourceOf = (query: ParsedSearch, asked: SearchConditions, add: Add) => SearchSource | null;

/** One more than is counted, to know that there is more. */
const WINDOW = MOST_SEARCH_RESULTS + 1;
/** Words in no particular place, as of documents that hold them somewhere. */
const ANYWHERE = 4;

const documents = (kind: SearchKind, { words }: ParsedSearch, add: Add): string =>
  `find_search_text(${add(words)}::text[], '${kind}', ${WINDOW})`;

const asksOnly = ({ fields }: SearchConditions, ...known: readonly string[]): boolean =>
  [...fields].every((field) => known.includes(field));

/** Models by their words; where a term asks about versions, those that have one such version the viewer sees. */
const model: SourceOf = (query, asked, add) => {
  const hasWords = query.words.length > 0;
  const from = hasWords ? `${documents("model", query, add)} f join models m on m.id = f.id` : "models m";
  const version = asked.asksVersions ? ` and exists (select from versions v where v.model_id = m.id${asked.ofVersion})` : "";
  return {
    // A shared model becomes part of the catalogue with its first released version, as in the list of models.
    found: `
      select m.id, ${hasWords ? "f.rank" : ANYWHERE} as rank, m.namespace || '/' || m.slug as key, 0 as number, m.name as title, i.slug as owner,
        m.tier, latest.state
      from ${from} join institutions i on i.id = m.institution_id
        left join lateral (select v.number, v.state from versions v where v.model_id = m.id order by v.number desc limit 1) latest on true
      where ((select app_reach()) <> 'tenant' or m.institution_id = (select app_institution()) or latest.number is not null)${asked.ofModel}${version}
      limit ${WINDOW}`,
    fields: `(select json_build_object('name', m.name, 'tags', m.tags, 'licence', m.licence, 'task', m.scenario, 'card', m.card)
      from models m where m.id = p.id)`,
  };
};

/**
 * Versions by reference, by their notes, and, once a term asks about versions, by the words of their model too. Without such a term a
 * model's name would list its two hundred thousand versions beside it.
 */
const version: SourceOf = (query, asked, add) => {
  const hits = versionHits(query, asked, add);
  if (hits === null) return null;
  return {
    found: `
      select v.id, ${hits.rank} as rank, m.namespace || '/' || m.slug as key, -v.number as number, m.name as title, i.slug as owner, v.tier, v.state
      from ${hits.from} join models m on m.id = v.model_id join institutions i on i.id = v.institution_id
      where true${hits.only}${asked.ofVersion}${asked.ofModel}
      limit ${WINDOW}`,
    fields: "(select json_build_object('name', p.title, 'notes', v.notes) from versions v where v.id = p.id)",
  };
};

interface Hits {
  readonly from: string;
  readonly rank: string;
  readonly only: string;
}

const REF = /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)@([1-9][0-9]{0,8})$/;

function versionHits(query: ParsedSearch, asked: SearchConditions, add: Add): Hits | null {
  const { words } = query;
  const [, namespace, slug, number] = (words.length === 1 && REF.exec(words[0]?.toLowerCase() ?? "")) || [];
  if (slug !== undefined) {
    const within = namespace === undefined ? "" : ` and m.namespace = ${add(namespace)}`;
    return { from: "versions v", rank: "0", only: ` and v.number = ${add(Number(number))} and m.slug = ${add(slug)}${within}` };
  }
  if (words.length === 0) return asked.asksVersions ? { from: "versions v", rank: `${ANYWHERE}`, only: "" } : null;
  const own = documents("version", query, add);
  if (!asked.asksVersions) return { from: `${own} f join versions v on v.id = f.id`, rank: "f.rank", only: "" };
  const ofModels = `
    select n.id, f.rank from ${documents("model", query, add)} f cross join lateral
      (select v.id from versions v where v.model_id = f.id${asked.ofVersion} order by v.number desc limit ${WINDOW}) n`;
  return {
    from: `(select id, min(rank) as rank from (${ofModels} union all select id, rank from ${own}) h group by id) f join versions v on v.id = f.id`,
    rank: "f.rank",
    only: "",
  };
}

const dataset: SourceOf = (query, asked, add) => {
  if (!asksOnly(asked, "licence", "institution")) return null;
  const hasWords = query.words.length > 0;
  const from = hasWords ? `${documents("dataset", query, add)} f join datasets d on d.id = f.id` : "datasets d";
  return {
    found: `
      select d.id, ${hasWords ? "f.rank" : ANYWHERE} as rank, d.namespace || '/' || d.slug as key, 0 as number, d.name as title, i.slug as owner,
        null::text as tier, null::text as state
      from ${from} join institutions i on i.id = d.institution_id where true${asked.ofDataset} limit ${WINDOW}`,
    fields: `(select json_build_object('name', d.name, 'licence', d.licence, 'description', d.description) from datasets d where d.id = p.id)`,
  };
};

/** A tenant knows its own institution only, as in the list of institutions. */
const institution: SourceOf = (query, asked, add) => {
  if (!asksOnly(asked, "institution")) return null;
  const hasWords = query.words.length > 0;
  const from = hasWords ? `${documents("institution", query, add)} f join institutions i on i.id = f.id` : "institutions i";
  return {
    found: `
      select i.id, ${hasWords ? "f.rank" : ANYWHERE} as rank, i.slug as key, 0 as number, i.name as title, i.slug as owner,
        null::text as tier, null::text as state
      from ${from} where ((select app_reach()) <> 'tenant' or i.id = (select app_institution()))${asked.ofOwner} limit ${WINDOW}`,
    fields: "json_build_object('name', p.title)",
  };
};

const person: SourceOf = (query, asked, add) => {
  if (!asksOnly(asked, "institution") || query.words.length === 0) return null;
  return {
    found: `
      select u.id, f.rank, u.email as key, 0 as number, u.name as title, i.slug as owner, null::text as tier, null::text as state
      from ${documents("person", query, add)} f join users u on u.id = f.id join institutions i on i.id = u.institution_id
      where u.removed_at is null${asked.ofOwner} limit ${WINDOW}`,
    fields: "json_build_object('name', p.title)",
  };
};

export const SOURCES: Readonly<Record<SearchKind, SourceOf>> = { model, version, dataset, institution, person };
