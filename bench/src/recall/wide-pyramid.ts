import type pg from "pg";
import { idMaker } from "../http/ids.js";

export const INSTITUTIONS = 50;
export const DESCENDANTS = 2000;
const FINANCE = 8;

/**
 * A released foundation version with 2,000 descendants in 50 institutions: eight finance versions, and task versions on those. Written
 * past the API, with the places on lines that the platform itself would give.
 * @returns `ns/slug@n` of the foundation version
 */
export async function widePyramid(client: pg.Client): Promise<string> {
  const newId = idMaker();
  const write = (sql: string, values: unknown[]) => client.query(sql, values);
  const platform = `ins_${"0".repeat(32)}`;

  async function model(institution: string, namespace: string, slug: string, tier: string): Promise<string> {
    const id = newId("mod");
    await write(
      `insert into models (id, institution_id, namespace, slug, tier, name, card, terms, scenario, created_by)
       values ($1, $2, $3, $4, $5, $4, '{"purpose":"","limits":"","trainingData":"","contact":"","languages":[]}', $6, $7, 'bench')`,
      [id, institution, namespace, slug, tier, TERMS, tier === "institution" ? "risk" : null],
    );
    return id;
  }

  async function version(institution: string, modelId: string, number: number, tier: string, parent: Placed | null): Promise<Placed> {
    const id = newId("ver");
    await write(
      `insert into versions (id, institution_id, model_id, number, tier, artifact_kind, effective_terms, created_by)
       values ($1, $2, $3, $4, $5, 'full', $6, 'bench')`,
      [id, institution, modelId, number, tier, TERMS],
    );
    if (parent !== null) {
      await write(
        "insert into edges (child_id, parent_id, relation, institution_id, seal) values ($1, $2, 'finetuned_from', $3, 'sealed')",
        [id, parent.id, institution],
      );
    }
    const { rows } = await write("insert into lines (institution_id, model_id, tier, tip_seq) values ($1, $2, $3, 1) returning id", [
      institution,
      modelId,
      tier,
    ]);
    const line = String(rows[0].id);
    await write(
      `update versions set state = 'released', released_at = now(), sealed_at = now(), root_digest = repeat('ab', 32), line_id = $2, line_seq = 1
       where id = $1`,
      [id, line],
    );
    if (parent !== null) {
      await write(
        `insert into line_closure (line_id, anc_line, anc_seq, min_seq, institution_id)
         select $1::bigint, anc_line, anc_seq, 1, $2 from line_closure where line_id = $3::bigint
         union select $1::bigint, $3::bigint, 1, 1, $2`,
        [line, institution, parent.line],
      );
    }
    return { id, line };
  }

  await client.query("begin");
  await client.query("select set_config('app.reach', 'system', true), set_config('app.institution', $1, true)", [platform]);
  const base = await version(platform, await model(platform, "foundation", "wide", "foundation"), 1, "foundation", null);
  const ledger = await model(platform, "finance", "wide", "finance");
  const finance: Placed[] = [];
  for (let n = 1; n <= FINANCE; n += 1) finance.push(await version(platform, ledger, n, "finance", base));
  for (let n = 0; n < INSTITUTIONS; n += 1) {
    const institution = newId("ins");
    await write("insert into institutions (id, slug, name) values ($1, $2, $2)", [institution, `bank-${n}`]);
    const line = await model(institution, `bank-${n}`, "task", "institution");
    for (
      let k = 1;
      k * INSTITUTIONS <= DESCENDANTS - FINANCE + INSTITUTIONS - 1 && n + (k - 1) * INSTITUTIONS < DESCENDANTS - FINANCE;
      k += 1
    ) {
      await version(institution, line, k, "institution", finance[(n + k) % FINANCE] ?? base);
    }
  }
  await client.query("commit");
  return "foundation/wide@1";
}

interface Placed {
  readonly id: string;
  readonly line: string;
}

const TERMS = '{"commercialUse":true,"redistribution":true,"regions":[]}';
