import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { SealDifference, SealedDataset, SealedParent, SealOrigin, SealRecord, VersionState } from "@ziggurat/contracts";
import { sealRecord } from "@ziggurat/pyramid";
import { auditDigest, canonicalJson } from "../../platform/database/audit-record.js";
import { INSTANT, type Tx } from "../../platform/database/unit-of-work.js";
import type { StoredFile } from "../versions/versions.repository.js";

/** A record ready to be stored: the canonical JSON, and SHA-256 over it. */
export interface Sealed {
  readonly record: string;
  readonly digest: string;
}
export interface SealRow {
  readonly version_id: string;
  readonly origin: SealOrigin;
  readonly at: Date;
  readonly record: string;
}

/** Writes records of sealed versions, and reads from the rows what a record of them would say now. */
@Injectable()
export class SealRowsRepository {
  async insert(tx: Tx, owner: { readonly versionId: string; readonly institutionId: string }, record: string): Promise<void> {
    await tx.query("insert into version_seals (version_id, institution_id, record) values ($1, $2, $3)", [
      owner.versionId,
      owner.institutionId,
      record,
    ]);
  }

  /** @returns the versions that had no record before */
  async insertBaselines(tx: Tx, records: readonly SealRecord[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ version_id: string }>(
      `insert into version_seals (version_id, institution_id, origin, record)
       select version_id, institution_id, 'baseline', record from unnest($1::text[], $2::text[], $3::text[]) as r (version_id, institution_id, record)
       on conflict (version_id) do nothing returning version_id`,
      [records.map(({ id }) => id), records.map(({ institution }) => institution), records.map(canonicalJson)],
    );
    return new Set(rows.map(({ version_id }) => version_id));
  }

  async find(tx: Tx, versionId: string): Promise<SealRow | null> {
    const [row] = await tx.query<SealRow>("select version_id, origin, at, record from version_seals where version_id = $1", [versionId]);
    return row ?? null;
  }

  /** Sealed versions behind `after` that have no record, in order of their ids. */
  async without(tx: Tx, after: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `select v.id from versions v where v.id > $1 and v.state <> 'draft'
         and not exists (select 1 from version_seals s where s.version_id = v.id) order by v.id limit $2`,
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** What was written into the audit log about objects being sealed, or given a baseline. */
  entries(
    tx: Tx,
    institutionIds: readonly string[],
    objects: readonly string[],
  ): Promise<{ readonly object: string; readonly action: string; readonly after_digest: string | null }[]> {
    return tx.query(
      `select object, action, after_digest from audit_entries
       where object = any($1) and institution_id = any($2) and action in ('version.seal', 'version.baseline') order by id`,
      [objects, institutionIds],
    );
  }

  /** What records of these versions would say now. What is no sealed version has none. */
  async read(tx: Tx, ids: readonly string[]): Promise<SealRecord[]> {
    const rows = await tx.query<FactsRow>(FACTS, [ids]);
    return rows.map(({ size_bytes, parameters, inspection, parents, datasets, ...row }) =>
      sealRecord({
        ...row,
        sizeBytes: Number(size_bytes),
        parameters: parameters === null ? null : Number(parameters),
        inspection: inspection === null ? null : auditDigest(inspection),
        parents,
        datasets,
      }),
    );
  }

  /** Places of ancestors that the closure holds for a version and its parents' places do not give, or the other way round. */
  async closureDifferences(tx: Tx, versionId: string): Promise<SealDifference[]> {
    const rows = await tx.query<{ was: string | null; is: string | null }>(CLOSURE, [versionId]);
    return rows.map((row) => ({ field: "closure", ...row }));
  }
}

/** A record as it is stored. */
export function sealedAs(record: SealRecord): Sealed {
  return { record: canonicalJson(record), digest: auditDigest(record) };
}

/** SHA-256 over a line for each file, in order of paths; {@link FACTS} says the same in SQL. */
export function digestOfList(files: readonly StoredFile[]): string {
  const lines = [...files]
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
    .map(({ sha256, sizeBytes, kind, path }) => `${sha256} ${sizeBytes} ${kind} ${path}`);
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}

interface FactsRow extends Omit<SealRecord, "format" | "sizeBytes" | "parameters" | "inspection" | "parents" | "datasets"> {
  readonly state: VersionState;
  readonly size_bytes: string;
  readonly parameters: string | null;
  readonly inspection: unknown;
  readonly parents: SealedParent[];
  readonly datasets: SealedDataset[];
}

/** The name of a version or dataset version, unless it is of another institution: whoever reads a finding may not learn of that. */
const nameOf = (model: string, row: string): string =>
  `case when ${row}.institution_id in (v.institution_id, 'ins_00000000000000000000000000000000') then ${model}.namespace || '/' || ${model}.slug || '@' || ${row}.number end`;

/** A purged version's list of files is kept beside its tombstone. */
const FACTS = `
  select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.institution_id as institution, v.model_id as model, v.tier,
    v.artifact_kind as "artifactKind", v.state, v.root_digest as "rootDigest", v.size_bytes, v.parameters, v.notes,
    v.effective_terms as "effectiveTerms", v.inspection, v.job_id as job, v.method, v.created_by as "createdBy",
    ${INSTANT("v.created_at")} as "createdAt", ${INSTANT("v.sealed_at")} as "sealedAt",
    (select encode(sha256(convert_to(coalesce(string_agg(f.sha256 || ' ' || f.size_bytes || ' ' || f.kind || ' ' || f.path, E'\\n'
        order by f.path collate "C"), ''), 'UTF8')), 'hex')
      from (select path, sha256, size_bytes, kind from version_files where version_id = v.id
        union select path, sha256, size_bytes, kind from purged_files where version_id = v.id) f) as files,
    (select coalesce(json_agg(json_build_object('ref', ${nameOf("pm", "p")}, 'relation', e.relation, 'seal', e.seal,
        'rootDigest', e.parent_digest, 'job', e.job_id)), '[]')
      from edges e join versions p on p.id = e.parent_id join models pm on pm.id = p.model_id where e.child_id = v.id) as parents,
    (select coalesce(json_agg(json_build_object('ref', ${nameOf("d", "dv")}, 'sha256', dv.sha256, 'job', u.job_id)), '[]')
      from dataset_uses u join dataset_versions dv on dv.id = u.dataset_version_id join datasets d on d.id = dv.dataset_id
      where u.version_id = v.id) as datasets
  from versions v join models m on m.id = v.model_id where v.id = any($1) and v.state <> 'draft' order by v.id`;

/** By induction: where every version's closure is that of its parents and themselves, the whole is right. */
const CLOSURE = `
  with v as (select id, institution_id, line_id, line_seq from versions where id = $1 and line_id is not null),
  parents as (select p.line_id, p.line_seq from edges e join versions p on p.id = e.parent_id where e.child_id = $1 and p.line_id is not null),
  expected as (select line_id, max(seq) as seq from (
    select line_id, line_seq as seq from parents
    union all select c.anc_line, c.anc_seq from parents p join line_closure c on c.line_id = p.line_id and c.min_seq <= p.line_seq) e group by 1),
  held as (select line_id, max(seq) as seq from (
    select line_id, line_seq - 1 as seq from v where line_seq > 1
    union all select c.anc_line, c.anc_seq from v join line_closure c on c.line_id = v.line_id and c.min_seq <= v.line_seq) h group by 1),
  differing as (
    select coalesce(e.line_id, h.line_id) as line, e.seq as was, h.seq as is
    from expected e full join held h on h.line_id = e.line_id where e.seq is distinct from h.seq)
  select
    (select ${nameOf("m", "p")} from versions p join models m on m.id = p.model_id where p.line_id = d.line and p.line_seq = d.was) as was,
    (select ${nameOf("m", "p")} from versions p join models m on m.id = p.model_id where p.line_id = d.line and p.line_seq = d.is) as is
  from v cross join differing d order by d.line limit 20`;
