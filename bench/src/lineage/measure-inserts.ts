import type pg from "pg";
import { inTransaction, prepared } from "./by-hand.js";
import { engineer, timed } from "./measure-reads.js";
import type { PlatformInside, Tx } from "./platform-inside.js";
import { type Figure, figureOf } from "./report.js";

const ROUNDS = 300;
const TERMS = { commercialUse: true, redistribution: true, regions: [] };

interface Model {
  readonly id: string;
  readonly institution_id: string;
  /** The released version it derives from, as its place is read when it is locked. */
  readonly parent: { readonly id: string; readonly model: string; readonly line: string; readonly seq: number; readonly tip: number };
  readonly number: number;
}

/**
 * Inserting a version as a job's result is: its row, derivation, place on a line, closure and history, in one transaction, beside a bare
 * transaction that inserts the one row. Audit and files are not part of either, nor is the lock of the parents, with which their
 * places are read.
 */
export async function measureInserts(platform: PlatformInside, hand: pg.Client): Promise<Figure> {
  const models = await platform.run(engineer, (tx) =>
    tx.query<Model>(
      `select m.id, m.institution_id, m.next_version + $2::int as number,
         (select jsonb_build_object('id', v.id, 'model', v.model_id, 'line', v.line_id::text, 'seq', v.line_seq, 'tip', p.tip_seq)
          from versions v join lines p on p.id = v.line_id
          where v.tier = 'finance' and v.state = 'released' order by v.id desc offset mod(l.id, 40) limit 1) as parent
       from (select id, model_id from lines where tier = 'institution' order by id limit $1) l join models m on m.id = l.model_id`,
      // A kept database has the numbers of earlier runs.
      [ROUNDS, 1000 + 2 * (Math.floor(Date.now() / 1000) % 100_000_000)],
    ),
  );
  const [platformMs, handMs]: [number[], number[]] = [[], []];
  for (const model of models) {
    handMs.push(await timed(() => inTransaction(hand, engineer, () => insertBare(hand, model))));
    platformMs.push(await timed(() => platform.run(engineer, (tx) => insertVersion(platform, tx, model))));
  }
  return figureOf("inserting a version", "", 1.5, platformMs.slice(10), handMs.slice(10));
}

const insertVersion = ({ derivations }: PlatformInside, tx: Tx, model: Model): Promise<void> =>
  derivations.insertSealed(
    tx,
    {
      id: idOf("ver", made++),
      institutionId: model.institution_id,
      modelId: model.id,
      number: model.number,
      tier: "institution",
      artifactKind: "adapter",
      effectiveTerms: TERMS,
      rootDigest: "b".repeat(64),
      parameters: 1,
      inspection: {},
      files: [],
      datasetVersionIds: [],
      record: RECORD,
      edges: [{ parentId: model.parent.id, relation: "adapter_of", parentDigest: null }],
      jobId: null,
      method: "lora",
      createdBy: "bench",
      reason: "bench",
    },
    [{ line_id: model.parent.line, line_seq: model.parent.seq, model_id: model.parent.model, tip_seq: model.parent.tip }],
  );

/** As long as the record of a version with one parent is. */
const RECORD = JSON.stringify({ format: "ziggurat-version-seal/1", filler: "x".repeat(900) });

let made = 0;
const idOf = (prefix: string, n: number): string =>
  `${prefix}_${Date.now().toString(16).padStart(12, "0")}${n.toString(16).padStart(20, "0")}`;
const insertBare = (hand: pg.Client, model: Model) =>
  hand.query(
    prepared(
      "insert-version",
      `insert into versions (id, institution_id, model_id, number, tier, artifact_kind, notes, effective_terms, method, created_by)
     values ($1, $2, $3, $4, 'institution', 'adapter', '', $5, 'lora', 'bench')`,
      [idOf("ver", made++), model.institution_id, model.id, model.number + 1000, TERMS],
    ),
  );
