import { below, seeded } from "./random.js";

/** How large the pyramid of a run is; `scale` 1 is the scale on paper. */
export interface Size {
  readonly foundation: number;
  readonly finance: number;
  readonly tasks: number;
  /** Derivations and uses of data together. */
  readonly edges: number;
  readonly institutions: number;
  readonly datasets: number;
}

export const sizeAt = (scale: number): Size => ({
  foundation: 50,
  finance: Math.max(100, Math.round(5000 * scale)),
  tasks: Math.round(1_000_000 * scale),
  edges: Math.round(3_000_000 * scale),
  institutions: Math.max(20, Math.round(10_000 * scale)),
  datasets: Math.max(40, Math.round(20_000 * scale)),
});

export type TierName = "foundation" | "finance" | "institution";

/** One version. Numbers stand for ids: versions count from 0 in order of making, so parents come before children. */
export interface MadeVersion {
  readonly at: number;
  readonly tier: TierName;
  /** -1: the platform's own. */
  readonly institution: number;
  readonly model: number;
  readonly number: number;
  readonly line: number;
  readonly seq: number;
  readonly parents: readonly { readonly version: number; readonly relation: string }[];
  readonly datasets: readonly number[];
}
export interface MadeLine {
  readonly institution: number;
  readonly model: number;
  readonly tier: TierName;
  tip: number;
}
export interface ClosureRow {
  readonly line: number;
  readonly ancestor: number;
  readonly ancestorSeq: number;
  readonly minSeq: number;
}

/** Longest run of versions of one model, each derived from the one before. */
const LONGEST = 30;
/** Versions with a second parent. */
const MERGES = 0.1;
/** Share of finance models that stand on the first foundation model, so that its first version has about 750,000 descendants. */
const ON_THE_FIRST = 0.68;

/**
 * Makes a pyramid version by version, as the platform would write it: each is handed to `emit` once, parents first. Lines and
 * their closure come back at the end; they are small.
 */
export function makePyramid(
  size: Size,
  seed: number,
  emit: (version: MadeVersion) => void,
): { readonly lines: readonly MadeLine[]; readonly closure: readonly ClosureRow[]; readonly models: readonly MadeModel[] } {
  const random = seeded(seed);
  const lines: MadeLine[] = [];
  const closure: ClosureRow[] = [];
  const above: ClosureRow[][] = [];
  const models: MadeModel[] = [];
  const place: { readonly line: number; readonly seq: number }[] = [];
  let derivations = 0;
  let uses = 0;

  const addModel = (tier: TierName, institution: number): number => models.push({ tier, institution, next: 1 }) - 1;
  const addLine = (model: number): number => {
    const { tier, institution } = at(models, model);
    above.push([]);
    return lines.push({ institution, model, tier, tip: 0 }) - 1;
  };
  const add = (line: number, parents: MadeVersion["parents"], datasets: readonly number[]): number => {
    const own = at(lines, line);
    own.tip += 1;
    const seq = own.tip;
    for (const parent of parents) grow(line, seq, at(place, parent.version));
    const version = place.push({ line, seq }) - 1;
    const model = at(models, own.model);
    emit({
      at: version,
      tier: own.tier,
      institution: own.institution,
      model: own.model,
      number: model.next++,
      line,
      seq,
      parents,
      datasets,
    });
    derivations += parents.length;
    return version;
  };
  const grow = (line: number, minSeq: number, parent: { readonly line: number; readonly seq: number }): void => {
    if (parent.line === line) return;
    const rows = at(above, line);
    const farthest = new Map([[parent.line, parent.seq]]);
    for (const row of at(above, parent.line)) {
      if (row.minSeq <= parent.seq) farthest.set(row.ancestor, Math.max(row.ancestorSeq, farthest.get(row.ancestor) ?? 0));
    }
    for (const [ancestor, ancestorSeq] of farthest) {
      if (rows.some((row) => row.ancestor === ancestor && row.ancestorSeq >= ancestorSeq)) continue;
      const row = { line, ancestor, ancestorSeq, minSeq };
      rows.push(row);
      closure.push(row);
    }
  };

  const foundation: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const line = addLine(addModel("foundation", -1));
    for (let seq = 0; seq < size.foundation / 10; seq += 1) {
      foundation.push(add(line, seq === 0 ? [] : [{ version: last(foundation), relation: "pretrained_from" }], []));
    }
  }
  const perModel = size.foundation / 10;
  const someFoundation = (): number => {
    const model = random() < ON_THE_FIRST ? 0 : 1 + below(random, 9);
    return at(foundation, model * perModel + below(random, perModel));
  };
  const finance: number[] = [];
  for (let n = 0; n < size.finance / 10; n += 1) {
    const line = addLine(addModel("finance", -1));
    for (let seq = 0; seq < 10; seq += 1) {
      const parents =
        seq === 0 ? [{ version: someFoundation(), relation: "pretrained_from" }] : [{ version: last(finance), relation: "finetuned_from" }];
      finance.push(add(line, parents, []));
    }
  }
  // Few finance versions carry most of the task models, as in practice.
  const someFinance = (): number => at(finance, Math.floor(random() ** 2 * finance.length));
  for (let made = 0; made < size.tasks; ) {
    const institution = below(random, size.institutions);
    const line = addLine(addModel("institution", institution));
    const length = random() < 0.02 ? LONGEST : 1 + below(random, 20);
    let tip = -1;
    for (let seq = 0; seq < length && made < size.tasks; seq += 1, made += 1) {
      const parents = seq === 0 ? [{ version: someFinance(), relation: "adapter_of" }] : [{ version: tip, relation: "merged_from" }];
      if (seq > 0 && random() < MERGES * 1.1) parents.push({ version: someFinance(), relation: "adapter_of" });
      // What is left of the wanted number of edges is use of data.
      const wanted = ((made + 1) / size.tasks) * size.edges - derivations - parents.length - uses;
      const datasets = Array.from(
        { length: Math.max(0, Math.min(4, Math.round(wanted))) },
        (_, n) => (institution * 2 + n) % size.datasets,
      );
      uses += datasets.length;
      tip = add(line, parents, datasets);
    }
  }
  return { lines, closure, models };
}

export interface MadeModel {
  readonly tier: TierName;
  readonly institution: number;
  next: number;
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`there is no entry ${index} of ${list.length}`);
  return value;
}

const last = (list: readonly number[]): number => at(list, list.length - 1);
