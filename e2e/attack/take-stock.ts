import { type Database, ownedTables } from "./database.js";
import { allOf, type Holdings } from "./holdings.js";
import type { Kind } from "./kinds.js";
import type { Institution } from "./seed/institution.js";
import { closedLineOf } from "./seed/shared.js";

/** Everything that an institution holds, read from its own rows, so that a new table's ids are attacked without anyone remembering. */
export async function takeStock(database: Database, institution: Institution, lent: Holdings["lent"]): Promise<Holdings> {
  const { id, slug, word, firsts, partial } = institution;
  const own = (statement: string) => database.texts(statement, [id]);
  const model = await own("select namespace || '/' || slug from models where institution_id = $1 order by id");
  const dataset = await own("select namespace || '/' || slug from datasets where institution_id = $1 order by id");
  const email = await own("select email from users where institution_id = $1 and kind = 'person' order by id");
  const alias = await own("select distinct name from aliases where institution_id = $1");
  const digests = await own(
    "select sha256 from blob_grants where institution_id = $1 union select root_digest from versions where institution_id = $1 and root_digest is not null",
  );
  const version = await own(
    `select namespace || '/' || slug || '@' || number from versions join models m on m.id = model_id where versions.institution_id = $1 order by versions.id`,
  );
  const names = [...model, ...dataset].map((ref) => ref.split("/")[1] ?? "");
  const ids = await idsOf(database, id);
  return {
    slug,
    values: {
      ...withFirst(ids, "id:job", firsts.job),
      ...Object.fromEntries(Object.entries(ids).filter(([kind]) => kind !== "id:job" && kind !== "id:imp")),
      ...withFirst(ids, "id:imp", firsts.import),
      institution: [slug],
      // A closed line that it was entitled to is the institution's to know of, and not its own to change.
      model: [...first(firsts.model, model), closedLineOf(word)],
      version: [...first(firsts.version, version), `${closedLineOf(word)}@1`],
      dataset,
      datasetVersion: await own(
        `select namespace || '/' || slug || '@' || number from dataset_versions v join datasets d on d.id = dataset_id where v.institution_id = $1 order by v.id`,
      ),
      alias: first(firsts.alias, alias),
      digest: [partial, ...digests],
      file: await own("select distinct path from version_files where institution_id = $1 order by path"),
      email,
      tag: await own("select distinct unnest(tags) from models where institution_id = $1"),
      newSlug: names,
      text: [
        ...new Set([
          ...names,
          ...model.slice(0, 1),
          ...version.slice(0, 2),
          ...email.slice(0, 2),
          word,
          ...Object.values(ids).flatMap((all) => all.slice(0, 1)),
        ]),
      ],
      event: ["1", "3"],
      credential: await own("select credential_id from passkeys where institution_id = $1"),
      filter: [
        `displayName co "${word}"`,
        `externalId sw "${word}"`,
        ...email.slice(0, 2).map((one) => `userName eq "${one}"`),
        ...(ids["id:usr"] ?? []).slice(0, 1).map((one) => `id eq "${one}"`),
        ...(ids["id:scg"] ?? []).slice(0, 1).map((one) => `groups.value eq "${one}"`),
      ],
      versions: version,
    },
    lent,
  };
}

const first = (value: string, all: readonly string[]) => [value, ...all.filter((one) => one !== value)];
const withFirst = (ids: Readonly<Record<string, readonly string[]>>, kind: Kind, value: string) => ({
  [kind]: first(value, ids[kind] ?? []),
});

/** What valid requests about the platform's own things are made of. */
export async function lentBy(database: Database): Promise<Holdings["lent"]> {
  return {
    "id:cln": await database.texts("select id from clean_ups order by id desc"),
    "id:gbc": await database.texts("select id from garbage_collections"),
    rule: await database.texts("select distinct name from clean_up_rules"),
    model: ["finance/ledger"],
    version: ["finance/ledger@1"],
    dataset: ["finance/reports"],
    datasetVersion: ["finance/reports@1"],
  };
}

/** What the platform keeps to itself: no institution may tell it from what is not there. */
export async function hiddenOf(database: Database): Promise<Holdings["values"]> {
  const ids = await idsOf(database, "ins_00000000000000000000000000000000");
  return {
    version: ["finance/ledger@2"],
    "id:aud": (ids["id:aud"] ?? []).slice(0, 2),
    "id:tok": ids["id:tok"] ?? [],
    "id:usr": ids["id:usr"] ?? [],
  };
}

/** The neighbour with what the platform hides beside what is theirs. */
export function withHidden<T extends { readonly holdings: Holdings }>(bank: T, hidden: Holdings["values"]): T {
  const values: Partial<Record<Kind, readonly string[]>> = { ...bank.holdings.values };
  for (const kind of ["version", "id:aud", "id:tok", "id:usr"] as const) values[kind] = [...(values[kind] ?? []), ...(hidden[kind] ?? [])];
  return { ...bank, holdings: { ...bank.holdings, values } };
}

/** Every id that stands in an institution's rows as the id of the row itself. */
async function idsOf(database: Database, institutionId: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of await ownedTables(database)) {
    const [hasId] = await database.texts(
      "select 1 from information_schema.columns where table_schema = 'public' and table_name = $1 and column_name = 'id' and data_type = 'text'",
      [table],
    );
    if (hasId === undefined) continue;
    for (const id of await database.texts(`select id from "${table}" where institution_id = $1 order by id`, [institutionId])) {
      const kind = `id:${id.slice(0, 3)}`;
      found[kind] = [...(found[kind] ?? []), id];
    }
  }
  return found;
}

/**
 * Texts that an answer to anybody else must not hold: every id in the institution's rows and every digest of its files that nobody else
 * has too, and the words that all its names are made of.
 */
export async function marksOf(database: Database, institution: Institution, holdings: Holdings): Promise<string[]> {
  const theirs = new Set<string>();
  const others = new Set<string>();
  for (const table of await ownedTables(database)) {
    const rows = await database.rows<{ text: string; is_theirs: boolean }>(
      `select t::text as text, institution_id = $1 as is_theirs from "${table}" t`,
      [institution.id],
    );
    for (const { text, is_theirs: isTheirs } of rows)
      for (const id of text.match(/\b[a-z]{3}_[0-9a-f]{32}\b|\b[0-9a-f]{64}\b/g) ?? []) (isTheirs ? theirs : others).add(id);
  }
  // A digest of what two institutions say alike is the same; one of a file that only one of them has is not.
  const digests = new Set(allOf(holdings, "digest"));
  const marks = [...theirs].filter((mark) => !others.has(mark) && (mark[3] === "_" || digests.has(mark)));
  return [institution.word, institution.slug, institution.id, ...marks];
}

/** Whether anybody has a value: of a kind that is in these holdings. */
export function knownIn(...all: readonly Holdings[]): (value: string) => boolean {
  const values = new Set(all.flatMap(({ values: held }) => Object.values(held).flat()));
  return (value) => values.has(value);
}
