import { Injectable } from "@nestjs/common";
import { AuditEntry, type ListAudit } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { EntryRow } from "./chain-link.js";
import type { Link } from "./walk-chain.js";

/** What one snapshot says about a chain. */
export interface ChainBounds {
  readonly lastSequence: number;
  readonly lastCheckpoint: number;
  readonly pending: number;
}

interface ListedRow extends EntryRow {
  readonly slug: string;
  readonly sequence: string | null;
  readonly previous_digest: string | null;
}

interface LinkRow extends EntryRow {
  readonly sequence: string;
  readonly entry_id: string;
  readonly previous_digest: string | null;
  readonly link_digest: string;
}

interface CheckpointRow {
  readonly sequence: string;
  readonly digest: string;
  readonly at: Date;
  readonly signature: string;
}

const CONDITIONS = `($1::text is null or i.slug = $1)
  and ($2::text is null or e.actor_id = $2 or e.actor_name = $2)
  and ($3::text is null or e.action = $3 or e.action like $3 || '.%')
  and ($4::text is null or e.object = $4)
  and ($5::timestamptz is null or e.at >= $5)
  and ($6::timestamptz is null or e.at <= $6)`;

/** The viewer's part of the log: row-level security shows a tenant its own chain, the platform's people all of them. */
@Injectable()
export class AuditRepository {
  /** Newest first, before the given id. */
  async list(tx: Tx, query: ListAudit, limit: number, beforeId: string | null): Promise<readonly AuditEntry[]> {
    const rows = await tx.query<ListedRow>(
      `select e.*, i.slug, c.sequence, c.previous_digest
         from audit_entries e join institutions i on i.id = e.institution_id left join audit_chain c on c.entry_id = e.id
        where ${CONDITIONS} and ($7::text is null or e.id < $7) order by e.id desc limit $8`,
      [...filters(query), beforeId, limit],
    );
    return rows.map(entryOf);
  }

  async count(tx: Tx, query: ListAudit): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from audit_entries e join institutions i on i.id = e.institution_id where ${CONDITIONS}`,
      filters(query),
    );
    return row?.n ?? 0;
  }

  /** Chains the viewer may verify, by slug. */
  chains(tx: Tx): Promise<{ id: string; slug: string }[]> {
    return tx.query("select id, slug from institutions where $1 <> 'tenant' or id = $2 order by slug", [
      tx.viewer.reach,
      tx.viewer.institutionId,
    ]);
  }

  async bounds(tx: Tx, institutionId: string): Promise<ChainBounds> {
    const [row] = await tx.query<{ last: string; checkpoint: string; pending: number }>(
      `select coalesce((select max(sequence) from audit_chain where institution_id = $1), 0) as last,
              coalesce((select max(sequence) from audit_checkpoints where institution_id = $1), 0) as checkpoint,
              (select count(*)::int from audit_entries e where e.institution_id = $1
                 and not exists (select from audit_chain c where c.entry_id = e.id)) as pending`,
      [institutionId],
    );
    return { lastSequence: Number(row?.last ?? 0), lastCheckpoint: Number(row?.checkpoint ?? 0), pending: row?.pending ?? 0 };
  }

  async links(tx: Tx, institutionId: string, after: number, upTo: number, limit: number): Promise<readonly Link[]> {
    const rows = await tx.query<LinkRow>(
      `select e.*, c.sequence, c.entry_id, c.previous_digest, c.digest as link_digest
         from audit_chain c left join audit_entries e on e.id = c.entry_id
        where c.institution_id = $1 and c.sequence > $2 and c.sequence <= $3 order by c.sequence limit $4`,
      [institutionId, after, upTo, limit],
    );
    return rows.map(linkOf);
  }

  async checkpoints(
    tx: Tx,
    institutionId: string,
  ): Promise<readonly { sequence: number; digest: string; at: string; signature: string }[]> {
    const rows = await tx.query<CheckpointRow>(
      "select sequence, digest, at, signature from audit_checkpoints where institution_id = $1 order by sequence",
      [institutionId],
    );
    return rows.map((row) => ({ sequence: Number(row.sequence), digest: row.digest, at: row.at.toISOString(), signature: row.signature }));
  }

  async digests(tx: Tx, institutionId: string): Promise<readonly string[]> {
    const rows = await tx.query<{ digest: string }>("select digest from audit_entries where institution_id = $1", [institutionId]);
    return rows.map(({ digest }) => digest);
  }
}

function filters(query: ListAudit): readonly (string | null)[] {
  return [
    query["filter[chain]"] ?? null,
    query["filter[actor]"] ?? null,
    query["filter[action]"] ?? null,
    query["filter[object]"] ?? null,
    query["filter[from]"] ?? null,
    query["filter[to]"] ?? null,
  ];
}

function entryOf(row: ListedRow): AuditEntry {
  return AuditEntry.parse({
    id: row.id,
    sequence: row.sequence === null ? null : Number(row.sequence),
    chain: row.slug,
    at: row.at.toISOString(),
    actor: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    object: row.object,
    reason: row.reason,
    beforeDigest: row.before_digest,
    afterDigest: row.after_digest,
    digest: row.digest,
    previousDigest: row.previous_digest,
    requestId: row.request_id,
  });
}

function linkOf(row: LinkRow): Link {
  const { sequence, entry_id: entryId, previous_digest: previousDigest, link_digest: digest, ...entry } = row;
  // A left join answers nulls where the entry is gone.
  return { sequence: Number(sequence), entryId, previousDigest, digest, entry: entry.id === null ? null : entry };
}
