import { type MetricRange, parseVersionRef, type SearchTerm } from "@ziggurat/contracts";

/** Terms as SQL: what is asked of a model (`m`, its owner `i`) and of one version (`v`), with the tables that `on:` needs. */
export interface SearchConditions {
  readonly ofModel: string;
  readonly ofVersion: string;
  /** Whether a version must be looked at to answer. */
  readonly asksVersions: boolean;
  /** Common table expressions that the conditions on versions read. */
  readonly tables: readonly string[];
  readonly ofDataset: string;
  readonly ofOwner: string;
  /** Fields that were asked about. */
  readonly fields: ReadonlySet<SearchTerm["field"]>;
}

export type Add = (value: unknown) => string;

/** @param add takes a value and answers its placeholder */
export function conditionsOf(terms: readonly SearchTerm[], add: Add): SearchConditions {
  const [model, version, dataset, owner, tables]: [string[], string[], string[], string[], string[]] = [[], [], [], [], []];
  for (const term of terms) {
    switch (term.field) {
      case "tier":
        model.push(`m.tier = any(${add(term.values)})`);
        break;
      case "task":
        model.push(`m.scenario = any(${add(term.values)})`);
        break;
      case "tag":
        model.push(`m.tags @> array[${add(term.value)}]`);
        break;
      case "licence": {
        const wanted = add(term.value);
        model.push(holds("m.licence", wanted));
        dataset.push(holds("d.licence", wanted));
        break;
      }
      case "institution":
        owner.push(`i.slug = ${add(term.value)}`);
        break;
      case "state":
        version.push(`v.state = any(${add(term.values)})`);
        break;
      case "alias":
        version.push(`exists (select from aliases a where a.version_id = v.id and a.name = ${add(term.value)})`);
        break;
      case "metric":
        // As a list worked out once: asked version by version, it took a second for a model of two hundred thousand.
        version.push(`v.id = any(array(select e.version_id from evaluations e where ${within(term.range, add)}))`);
        break;
      case "on": {
        const name = `below_${tables.length}`;
        tables.push(...below(name, term.value, add));
        version.push(`exists (select from ${name} b where b.line_id = v.line_id and v.line_seq >= b.k)`);
        break;
      }
    }
  }
  return {
    ofModel: all([...model, ...owner]),
    ofVersion: all(version),
    asksVersions: version.length > 0,
    tables,
    ofDataset: all([...dataset, ...owner]),
    ofOwner: all(owner),
    fields: new Set(terms.map(({ field }) => field)),
  };
}

const all = (conditions: readonly string[]): string => conditions.map((condition) => ` and ${condition}`).join("");

/** "apache" stands in "Apache-2.0", whatever case and width. */
const holds = (column: string, wanted: string): string => `strpos(search_fold(${column}), btrim(search_fold(${wanted}))) > 0`;

function within({ metric, operator, value, end }: MetricRange, add: Add): string {
  if (operator === "..") return `e.${metric} between ${add(value)} and ${add(end)}`;
  return `e.${metric} ${operator} ${add(value)}`;
}

/** Lines, and from where on, that stand on a version, or on any version of a model: read from the line closure, never walked. */
function below(name: string, ref: string, add: Add): string[] {
  const { namespace, slug, number } = parseVersionRef(ref);
  const numbered = ref.includes("@") ? ` and v.number = ${add(number)}` : "";
  return [
    `${name}_places (line_id, seq) as (
       select v.line_id, min(v.line_seq) from versions v join models m on m.id = v.model_id
       where m.namespace = ${add(namespace)} and m.slug = ${add(slug)}${numbered} and v.line_id is not null group by v.line_id)`,
    `${name} (line_id, k) as (
       select c.line_id, min(c.min_seq) from ${name}_places p join line_closure c on c.anc_line = p.line_id and c.anc_seq >= p.seq group by c.line_id
       union all select line_id, seq + 1 from ${name}_places)`,
  ];
}
