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
  readonly parent_id: string;
  readonly number: number;
}

/**
 * Inserting a version: draft, derivation, place on a line, closure, seal and history, in one transaction, beside a bare transaction
 * that inserts the one row. Audit and files are not part of either.
 */
export async function measureInserts(platform: PlatformInside, hand: pg.Client): Promise<Figure> {
  const models = await platform.run(engineer, (tx) =>
    tx.query<Model>(
      `select m.id, m.institution_id, m.next_version + $2::int as number,
         (select id from versions where tier = 'finance' and state = 'released' order by id desc offset mod(l.id, 40) limit 1) as parent_id
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

async function insertVersion({ versions, derivations }: PlatformInside, tx: Tx, model: Model): Promise<void> {
  const institutionId = model.institution_id;
  const versionId = await versions.insertDraft(tx, {
    institutionId,
    modelId: model.id,
    number: model.number,
    tier: "institution",
    artifactKind: "adapter",
    notes: "",
    effectiveTerms: TERMS,
    files: [],
    jobId: null,
    method: "lora",
    createdBy: "bench",
  });
  const child = { versionId, modelId: model.id, institutionId };
  await derivations.addEdges(tx, child, [{ parentId: model.parent_id, relation: "adapter_of", parentDigest: null }], "sealed", null);
  await derivations.place(tx, child);
  await versions.seal(tx, versionId, { rootDigest: "b".repeat(64), parameters: 1, effectiveTerms: TERMS, reason: "bench" });
}

let made = 0;
const insertBare = (hand: pg.Client, model: Model) =>
  hand.query(
    prepared(
      "insert-version",
      `insert into versions (id, institution_id, model_id, number, tier, artifact_kind, notes, effective_terms, method, created_by)
     values ($1, $2, $3, $4, 'institution', 'adapter', '', $5, 'lora', 'bench')`,
      [
        `ver_${Date.now().toString(16).padStart(12, "0")}${(made++).toString(16).padStart(20, "0")}`,
        model.institution_id,
        model.id,
        model.number + 1000,
        TERMS,
      ],
    ),
  );
