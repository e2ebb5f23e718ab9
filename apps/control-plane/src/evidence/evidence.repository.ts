import { Injectable } from "@nestjs/common";
import type { ArtifactKind, Tier, VersionState } from "@ziggurat/contracts";
import type { EvidenceDeprecation, EvidenceMove, EvidenceRecall } from "@ziggurat/lineage";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface AncestorRow {
  readonly id: string;
  readonly ref: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly artifact_kind: ArtifactKind;
  readonly root_digest: string;
  readonly size_bytes: string;
  readonly parameters: string | null;
  readonly method: string | null;
  readonly job_id: string | null;
  readonly created_by: string;
  readonly sealed_at: Date;
  readonly effective_terms: unknown;
  readonly inspection: unknown;
}
export interface AliasMoveRow {
  readonly number: number;
  readonly moved_at: Date;
  readonly moved_by: string;
  readonly reason: string;
}
export interface StoredSeal {
  readonly ref: string;
  /** Canonical JSON, whose SHA-256 stands in the audit entry of the sealing. */
  readonly record: string;
}
export interface StoredSignature {
  readonly ref: string;
  readonly keyId: string;
  readonly publicKey: string;
  readonly bundle: string;
}

/** What a pack tells and nothing else does. Everything is read as it was: no column that may still be written is among it. */
@Injectable()
export class EvidenceRepository {
  /**
   * Whether the past up to an instant may still grow: an entry of this log waits for its seal, or a transaction goes on that began
   * by then. Rows are dated at or after the start of their transaction.
   */
  async isOpen(tx: Tx, institutionId: string, at: string): Promise<boolean> {
    const [row] = await tx.query<{ is_open: boolean }>(
      `select exists (select from audit_pending p join audit_entries e on e.id = p.entry_id where p.institution_id = $1 and e.at <= $2)
           or exists (select from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
             and pid <> pg_backend_pid() and xact_start <= $2) as is_open`,
      [institutionId, at],
    );
    return row?.is_open ?? true;
  }

  /** Where an alias pointed at the instant, and where to for the first time. */
  async alias(
    tx: Tx,
    modelId: string,
    name: string,
    at: string,
  ): Promise<{ readonly last: AliasMoveRow | null; readonly first: Date | null }> {
    const [last] = await tx.query<AliasMoveRow>(
      `select v.number, h.moved_at, h.moved_by, h.reason from alias_moves h join versions v on v.id = h.version_id
       where h.model_id = $1 and h.name = $2 and h.moved_at <= $3 order by h.n desc limit 1`,
      [modelId, name, at],
    );
    const [first] = await tx.query<{ moved_at: Date }>(
      "select moved_at from alias_moves where model_id = $1 and name = $2 order by n limit 1",
      [modelId, name],
    );
    return { last: last ?? null, first: first?.moved_at ?? null };
  }

  /**
   * A version and everything it was made from that the institution could see at the instant, what it was made from first. Sight of a
   * shared version begins with its release, so versions without a visible state by then are left out now and ever after.
   */
  ancestry(tx: Tx, modelId: string, number: number, at: string): Promise<AncestorRow[]> {
    return tx.query<AncestorRow>(
      `with recursive up (id, hops) as (
         select id, 0 from versions where model_id = $1 and number = $2
         union select e.parent_id, up.hops + 1 from up join edges e on e.child_id = up.id),
       distance as (select id, max(hops) as hops from up group by id)
       select * from (
         select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.tier, i.slug as owner, v.artifact_kind, v.root_digest,
           v.size_bytes, v.parameters, v.method, v.job_id, v.created_by, v.sealed_at, v.effective_terms, v.inspection, d.hops
         from distance d join versions v on v.id = d.id join models m on m.id = v.model_id join institutions i on i.id = v.institution_id
         where exists (select from version_states s where s.version_id = v.id and s.at <= $3)) found
       order by hops desc, ref collate "C"`,
      [modelId, number, at],
    );
  }

  async moves(tx: Tx, ids: readonly string[], at: string): Promise<EvidenceMove[]> {
    const rows = await tx.query<{ version: string; state: VersionState; at: Date; by: string; reason: string }>(
      `select * from (
         select m.namespace || '/' || m.slug || '@' || v.number as version, s.state, s.at, s.by, s.reason
         from version_states s join versions v on v.id = s.version_id join models m on m.id = v.model_id
         where s.version_id = any($1) and s.at <= $2) found
       order by version collate "C", at`,
      [ids, at],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }

  async deprecations(tx: Tx, ids: readonly string[], at: string): Promise<EvidenceDeprecation[]> {
    const rows = await tx.query<{ version: string; successor: string | null; ends_at: Date | null; reason: string; at: Date }>(
      `select * from (
         select m.namespace || '/' || m.slug || '@' || v.number as version, sm.namespace || '/' || sm.slug || '@' || sv.number as successor,
           d.ends_at, d.reason, d.at
         from deprecations d join versions v on v.id = d.version_id join models m on m.id = v.model_id
           left join versions sv on sv.id = d.successor_id left join models sm on sm.id = sv.model_id
         where d.version_id = any($1) and d.at <= $2) found
       order by version collate "C"`,
      [ids, at],
    );
    return rows.map(({ ends_at, ...row }) => ({ ...row, endsAt: ends_at?.toISOString() ?? null, at: row.at.toISOString() }));
  }

  /**
   * Recalls of the ancestry or its data. They belong to the subject's owner, and are read past the policies: whoever stands on what
   * was recalled is told of it anyway.
   */
  async recalls(tx: Tx, versionIds: readonly string[], datasetVersionIds: readonly string[], at: string): Promise<EvidenceRecall[]> {
    const rows = await tx.query<{
      id: string;
      subject: string;
      reason: string;
      at: Date;
      lifted_at: Date | null;
      lift_reason: string | null;
    }>(
      `select r.id, coalesce('datasets/' || d.namespace || '/' || d.slug || '@' || dv.number, m.namespace || '/' || m.slug || '@' || v.number) as subject,
         r.reason, r.created_at as at, case when r.lifted_at <= $3 then r.lifted_at end as lifted_at,
         case when r.lifted_at <= $3 then r.lift_reason end as lift_reason
       from recalls r left join versions v on v.id = r.version_id left join models m on m.id = v.model_id
         left join dataset_versions dv on dv.id = r.dataset_version_id left join datasets d on d.id = dv.dataset_id
       where r.created_at <= $3 and (r.version_id = any($1) or r.dataset_version_id = any($2)) order by r.id`,
      [versionIds, datasetVersionIds, at],
    );
    return rows.map(({ id, subject, reason, at: since, lifted_at, lift_reason }) => ({
      id,
      subject,
      reason,
      at: since.toISOString(),
      liftedAt: lifted_at?.toISOString() ?? null,
      liftReason: lift_reason,
    }));
  }

  /** Records of the sealings, as they were written; of versions older than such records, baselines that were there by then. */
  seals(tx: Tx, ids: readonly string[], at: string): Promise<StoredSeal[]> {
    return tx.query<StoredSeal>(
      `select m.namespace || '/' || m.slug || '@' || v.number as ref, s.record
       from version_seals s join versions v on v.id = s.version_id join models m on m.id = v.model_id
       where s.version_id = any($1) and s.at <= $2 order by s.version_id`,
      [ids, at],
    );
  }

  async signatures(tx: Tx, ids: readonly string[], at: string): Promise<StoredSignature[]> {
    const rows = await tx.query<{ ref: string; key_id: string; public_key: string; bundle: string }>(
      `select m.namespace || '/' || m.slug || '@' || v.number as ref, s.key_id, k.public_key, s.bundle
       from version_signatures s join signing_keys k on k.key_id = s.key_id join versions v on v.id = s.version_id join models m on m.id = v.model_id
       where s.version_id = any($1) and s.signed_at <= $2 order by s.version_id, s.key_id`,
      [ids, at],
    );
    return rows.map(({ ref, key_id, public_key, bundle }) => ({ ref, keyId: key_id, publicKey: public_key, bundle }));
  }
}
