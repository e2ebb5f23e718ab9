import { Injectable } from "@nestjs/common";
import { escapeIdentifier } from "pg";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { HELD_DIGESTS } from "../exit-facts.repository.js";
import type { ExitRow } from "../exits.repository.js";

/** Rows of one batch. */
const BATCH = 1000;

/** A version or dataset version without a tombstone yet. */
export interface Standing {
  readonly id: string;
  readonly model_id: string | null;
  readonly ref: string;
  readonly state: string | null;
  readonly files: number;
  readonly size_bytes: string;
}

/** The statements of an erasure. Each is repeatable: done twice, the second time finds nothing left. */
@Injectable()
export class ErasureRepository {
  /** Opens the records of this institution, and of no other, to this transaction. The triggers ask whether its state is `erasing` besides. */
  async opens(tx: Tx, institutionId: string): Promise<void> {
    await tx.query("select set_config('app.erases', $1, true)", [institutionId]);
  }

  /** The exit while its erasure is under way, kept from others who work on it. */
  async lockErasing(tx: Tx, id: string, leaseSeconds: number): Promise<ExitRow | null> {
    const [row] = await tx.query<ExitRow>(
      `with held as (update institution_exits set due_at = now() + make_interval(secs => $2) where id = $1 and state = 'erasing' returning *)
       select h.*, i.slug from held h join institutions i on i.id = h.institution_id`,
      [id, leaseSeconds],
    );
    return row ?? null;
  }

  async begin(tx: Tx, id: string): Promise<void> {
    await tx.query("update institution_exits set state = 'erasing', began_at = now(), due_at = now(), blockers = '[]' where id = $1", [id]);
  }

  async broke(tx: Tx, id: string, detail: string): Promise<void> {
    await tx.query("update institution_exits set detail = $2 where id = $1 and state in ('leaving', 'erasing')", [id, detail]);
  }

  /** Doors first: whoever is inside is out with this transaction, and nobody comes in again by any of the ways there are. */
  async closeDoors(tx: Tx, institutionId: string): Promise<void> {
    await tx.query("update users set removed_at = now() where institution_id = $1 and removed_at is null", [institutionId]);
    await tx.query("delete from sessions where institution_id = $1", [institutionId]);
    await tx.query("update tokens set revoked_at = now() where institution_id = $1 and revoked_at is null", [institutionId]);
    await tx.query("update identity_providers set is_enabled = false where institution_id = $1 and is_enabled", [institutionId]);
    // Rows of the platform, which say from where its members let a command line in.
    await tx.query("delete from device_authorizations d using users u where u.id = d.user_id and u.institution_id = $1", [institutionId]);
  }

  /** An archive on its way ends: it would be written beside the erasure, and lie there behind it. */
  async endExports(tx: Tx, institutionId: string): Promise<void> {
    await tx.query(
      `update institution_exports set state = 'cancelled', due_at = null, lease_id = null, finished_at = now()
       where institution_id = $1 and state in ('queued', 'running')`,
      [institutionId],
    );
  }

  async noteFiles(tx: Tx, exit: ExitRow): Promise<void> {
    await tx.query(
      `insert into erased_files (exit_id, institution_id, sha256, size_bytes)
       select $2, $1, b.sha256, b.size_bytes from (${HELD_DIGESTS}) h join blobs b on b.sha256 = h.sha256 on conflict do nothing`,
      [exit.institution_id, exit.id],
    );
  }

  /** @returns how many went */
  async deleteSome(tx: Tx, table: string, institutionId: string, order: string | null): Promise<number> {
    const name = escapeIdentifier(table);
    const rows = await tx.query<{ n: number }>(
      `with gone as (delete from ${name} where ctid = any(array(
         select ctid from ${name} where institution_id = $1${order === null ? "" : ` order by ${order}`} limit ${BATCH})) returning 1)
       select count(*)::int as n from gone`,
      [institutionId],
    );
    return rows[0]?.n ?? 0;
  }

  /** @returns how many lost their words */
  async blankSome(tx: Tx, table: string, institutionId: string, set: Readonly<Record<string, string>>): Promise<number> {
    const name = escapeIdentifier(table);
    const columns = Object.entries(set).map(([column, value]) => [escapeIdentifier(column), value] as const);
    const differs = columns.map(([column, value]) => `${column} is distinct from ${value}`).join(" or ");
    const rows = await tx.query<{ n: number }>(
      `with blanked as (update ${name} set ${columns.map(([column, value]) => `${column} = ${value}`).join(", ")} where ctid = any(array(
         select ctid from ${name} where institution_id = $1 and (${differs}) limit ${BATCH})) returning 1)
       select count(*)::int as n from blanked`,
      [institutionId],
    );
    return rows[0]?.n ?? 0;
  }

  standingVersions(tx: Tx, institutionId: string, limit: number): Promise<Standing[]> {
    return tx.query<Standing>(
      `select v.id, v.model_id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.state,
         (select count(*)::int from version_files f where f.version_id = v.id) as files,
         (select coalesce(sum(f.size_bytes), 0)::bigint from version_files f where f.version_id = v.id) as size_bytes
       from versions v join models m on m.id = v.model_id
       where v.institution_id = $1 and not exists (select from tombstones t where t.version_id = v.id) order by v.id limit $2`,
      [institutionId, limit],
    );
  }

  standingDatasetVersions(tx: Tx, institutionId: string, limit: number): Promise<Standing[]> {
    return tx.query<Standing>(
      `select v.id, null as model_id, d.namespace || '/' || d.slug || '@' || v.number as ref, null as state, 1 as files, v.size_bytes
       from dataset_versions v join datasets d on d.id = v.dataset_id
       where v.institution_id = $1 and not exists (select from tombstones t where t.dataset_version_id = v.id) order by v.id limit $2`,
      [institutionId, limit],
    );
  }

  /** What is in use goes out of use before it becomes a tombstone; recalled and quarantined stay what they are, for the counts of recalls. */
  async retire(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query(
      "update versions set state = 'retired', updated_at = now() where id = any($1) and state in ('sealed', 'in_review', 'released', 'deprecated')",
      [ids],
    );
  }

  async redactSome(tx: Tx, institutionId: string): Promise<number> {
    const rows = await tx.query<{ n: number }>(
      `with blanked as (update audit_entries set actor_name = 'erased', reason = '', request_id = null, redacted_at = now(),
           object = case when object ~ '^([a-z]{3}_[0-9a-f]{32}|(datasets/)?[a-z0-9-]+(/[a-z0-9-]+)?(@[0-9]+)?)$' then object else 'erased' end
         where id = any(array(select id from audit_entries where institution_id = $1 and redacted_at is null order by id limit ${BATCH})) returning 1)
       select count(*)::int as n from blanked`,
      [institutionId],
    );
    return rows[0]?.n ?? 0;
  }

  async count(tx: Tx, id: string, table: string, what: "deleted" | "blanked", n: number): Promise<void> {
    await tx.query(
      `update institution_exits set counts = counts || jsonb_build_object($2::text,
         coalesce(counts -> $2, '{"deleted": 0, "blanked": 0}') || jsonb_build_object($3::text, coalesce((counts -> $2 ->> $3)::bigint, 0) + $4::bigint))
       where id = $1`,
      [id, table, what, n],
    );
  }

  async stepDone(tx: Tx, id: string, steps: number): Promise<void> {
    await tx.query("update institution_exits set steps_done = $2, detail = null where id = $1 and steps_done < $2", [id, steps]);
  }

  /** Names in the exits themselves go as well, of those who were the institution's. */
  async finish(tx: Tx, exit: ExitRow, certificate: unknown): Promise<void> {
    await tx.query(
      `update institution_exits set reason = 'erased', waiver = case when waiver is null then null else 'erased' end, cancel_reason = case when cancel_reason is null then null else 'erased' end,
         started_by_name = case started_side when 'institution' then 'erased' else started_by_name end,
         approved_by_name = case approved_side when 'institution' then 'erased' else approved_by_name end,
         cancelled_by_name = case when cancelled_by_name is null then null else 'erased' end
       where institution_id = $1`,
      [exit.institution_id],
    );
    await tx.query("update institution_exports set requested_by_name = 'erased', detail = null where institution_id = $1", [
      exit.institution_id,
    ]);
    await tx.query("update institution_exits set state = 'erased', finished_at = now(), due_at = null, certificate = $2 where id = $1", [
      exit.id,
      JSON.stringify(certificate),
    ]);
    await tx.query("update institutions set state = 'erased', name = slug, region = null where id = $1", [exit.institution_id]);
  }
}
