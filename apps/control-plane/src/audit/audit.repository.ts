import { Injectable } from "@nestjs/common";
import { AuditEntry } from "@ziggurat/contracts";
import { firstIdAt } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type AuditConditions, SLACK_MS, whereOf } from "./audit-conditions.js";
import type { EntryRow } from "./chain-link.js";
import type { Link } from "./walk-chain.js";

/** What one snapshot says about a chain. */
export interface ChainBounds {
  readonly lastSequence: number;
  readonly lastCheckpoint: number;
  readonly pending: number;
  /** Whether the institution that owns it was erased, or is just being. */
  readonly ownerIsErased: boolean;
}

/** An institution as the owner of a chain. */
export interface Chain {
  readonly id: string;
  readonly slug: string;
}

/** A signed head of the tree over a chain. */
export interface StoredTreeHead {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly at: Date;
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

interface Statement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface StoredCheckpoint {
  readonly sequence: number;
  readonly digest: string;
  readonly at: string;
  readonly signature: string;
}

interface CheckpointRow {
  readonly sequence: string;
  readonly digest: string;
  readonly at: Date;
  readonly signature: string;
}

/** The viewer's part of the log: row-level security shows a tenant its own chain, the platform's people all of them. */
@Injectable()
export class AuditRepository {
  /** Newest first, before the given id. */
  async list(tx: Tx, conditions: AuditConditions, limit: number, beforeId: string | null): Promise<readonly AuditEntry[]> {
    const page = conditions.text === null ? this.equalPage(conditions, limit, beforeId) : this.textPage(conditions, limit, beforeId);
    const rows = await tx.query<ListedRow>(
      `select e.*, i.slug, c.sequence, c.previous_digest
         from (${page.sql}) p join audit_entries e using (id) join institutions i on i.id = e.institution_id
         left join audit_chain c on c.entry_id = e.id
        order by e.id desc`,
      page.values,
    );
    return rows.map(entryOf);
  }

  async find(tx: Tx, id: string): Promise<AuditEntry | null> {
    const [row] = await tx.query<ListedRow>(
      `select e.*, i.slug, c.sequence, c.previous_digest
         from audit_entries e join institutions i on i.id = e.institution_id left join audit_chain c on c.entry_id = e.id
        where e.id = $1`,
      [id],
    );
    return row === undefined ? null : entryOf(row);
  }

  async count(tx: Tx, conditions: AuditConditions): Promise<number> {
    const page = conditions.text === null ? this.equalPage(conditions, null, null) : this.textPage(conditions, null, null);
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from (${page.sql}) p`, page.values);
    return row?.n ?? 0;
  }

  /** Ids of one page, or of everything without a limit. Each action is read newest first in its own index, and the few ends are merged. */
  private equalPage({ actions, ...others }: AuditConditions, limit: number | null, beforeId: string | null): Statement {
    const { sql, values } = whereOf(others);
    const parameters: unknown[] = [...values];
    const parameter = (value: unknown): string => `$${parameters.push(value)}`;
    const before = beforeId === null ? "" : ` and e.id < ${parameter(beforeId)}`;
    const end = limit === null ? "" : ` order by id desc limit ${parameter(limit)}`;
    if (actions === null) return { sql: `select e.id from audit_entries e where ${sql}${before}${end}`, values: parameters };
    const each = `select e.id from audit_entries e where ${sql}${before} and e.action = a.action${end}`;
    return {
      sql: `select m.id from unnest(${parameter(actions)}::text[]) as a (action) cross join lateral (${each}) m${end}`,
      values: parameters,
    };
  }

  private textPage(given: AuditConditions, limit: number | null, beforeId: string | null): Statement {
    const { text, institutionId, actions, actorId, actorName, object, firstId, lastId, from, to } = given;
    return {
      sql: "select id from find_audit_text($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as f (id)",
      values: [text, institutionId, actions, actorId, actorName, object, firstId, lastId, from, to, beforeId, limit],
    };
  }

  /** Chains the viewer may verify, by slug. */
  chains(tx: Tx, slug: string | null = null): Promise<Chain[]> {
    return tx.query(
      "select id, slug from institutions where ($1 <> 'tenant' or id = $2) and ($3::text is null or slug = $3) order by slug",
      [tx.viewer.reach, tx.viewer.institutionId, slug],
    );
  }

  /** `pending` is what the chain does not reach: exact where it holds, since sequences then have no gaps, and counted in an index. */
  async bounds(tx: Tx, institutionId: string): Promise<ChainBounds> {
    const [row] = await tx.query<{ last: string; checkpoint: string; entries: string; is_erased: boolean }>(
      `select coalesce((select max(sequence) from audit_chain where institution_id = $1), 0) as last,
              coalesce((select max(sequence) from audit_checkpoints where institution_id = $1), 0) as checkpoint,
              (select count(*) from audit_entries where institution_id = $1) as entries,
              exists (select from institutions where id = $1 and state in ('erasing', 'erased')) as is_erased`,
      [institutionId],
    );
    const [lastSequence, entries] = [Number(row?.last ?? 0), Number(row?.entries ?? 0)];
    return {
      lastSequence,
      lastCheckpoint: Number(row?.checkpoint ?? 0),
      pending: Math.max(0, entries - lastSequence),
      ownerIsErased: row?.is_erased ?? false,
    };
  }

  async links(tx: Tx, institutionId: string, after: number, upTo: number): Promise<readonly Link[]> {
    const rows = await tx.query<LinkRow>(
      `select e.*, c.sequence, c.entry_id, c.previous_digest, c.digest as link_digest
         from audit_chain c left join audit_entries e on e.id = c.entry_id
        where c.institution_id = $1 and c.sequence > $2 and c.sequence <= $3 order by c.sequence`,
      [institutionId, after, upTo],
    );
    return rows.map(linkOf);
  }

  /** Sequence from which on there are at most `count` checkpoints. */
  async newestCheckpoints(tx: Tx, institutionId: string, count: number): Promise<number> {
    const [row] = await tx.query<{ sequence: string }>(
      "select sequence from audit_checkpoints where institution_id = $1 order by sequence desc offset $2 limit 1",
      [institutionId, count - 1],
    );
    return Number(row?.sequence ?? 0);
  }

  /** Checkpoints with `after` < sequence <= `upTo`. */
  async checkpoints(tx: Tx, institutionId: string, after: number, upTo: number): Promise<readonly StoredCheckpoint[]> {
    const rows = await tx.query<CheckpointRow>(
      `select sequence, digest, at, signature from audit_checkpoints
        where institution_id = $1 and sequence > $2 and sequence <= $3 order by sequence`,
      [institutionId, after, upTo],
    );
    return rows.map((row) => ({ sequence: Number(row.sequence), digest: row.digest, at: row.at.toISOString(), signature: row.signature }));
  }

  /** Heads of the tree with `after` < size <= `upTo`. */
  async treeHeads(tx: Tx, institutionId: string, after: number, upTo: number): Promise<readonly StoredTreeHead[]> {
    const rows = await tx.query<{ tree_size: string; root_hash: string; note: string; at: Date }>(
      `select tree_size, root_hash, note, at from audit_tree_heads
        where institution_id = $1 and tree_size > $2 and tree_size <= $3 order by tree_size`,
      [institutionId, after, upTo],
    );
    return rows.map((row) => ({ size: Number(row.tree_size), root: Buffer.from(row.root_hash, "hex"), note: row.note, at: row.at }));
  }

  async newestTreeHead(tx: Tx, institutionId: string): Promise<StoredTreeHead | null> {
    const [row] = await tx.query<{ tree_size: string; root_hash: string; note: string; at: Date }>(
      "select tree_size, root_hash, note, at from audit_tree_heads where institution_id = $1 order by tree_size desc limit 1",
      [institutionId],
    );
    if (row === undefined) return null;
    return { size: Number(row.tree_size), root: Buffer.from(row.root_hash, "hex"), note: row.note, at: row.at };
  }

  /**
   * The first signed head that covers every entry up to an instant, once and for all; null while one of those entries waits for its
   * seal, or where there is none.
   */
  async treeHeadCovering(tx: Tx, institutionId: string, at: string): Promise<StoredTreeHead | null> {
    const lastId = firstIdAt("audit", Date.parse(at) + SLACK_MS);
    const [row] = await tx.query<{ tree_size: string; root_hash: string; note: string; at: Date }>(
      `select h.tree_size, h.root_hash, h.note, h.at from audit_tree_heads h
        where h.institution_id = $1 and h.tree_size >= (select max(c.sequence) from audit_entries e join audit_chain c on c.entry_id = e.id
            where e.institution_id = $1 and c.institution_id = $1 and e.id < $3 and e.at <= $2)
          and not exists (select from audit_pending p join audit_entries e on e.id = p.entry_id
            where p.institution_id = $1 and p.entry_id < $3 and e.at <= $2)
        order by h.tree_size limit 1`,
      [institutionId, at, lastId],
    );
    if (row === undefined) return null;
    return { size: Number(row.tree_size), root: Buffer.from(row.root_hash, "hex"), note: row.note, at: row.at };
  }

  /** Digests of the entries behind the links `after` < sequence <= `upTo`, in order. */
  async linkedDigests(tx: Tx, institutionId: string, after: number, upTo: number): Promise<readonly string[]> {
    const rows = await tx.query<{ digest: string }>(
      `select e.digest from audit_chain c join audit_entries e on e.id = c.entry_id
        where c.institution_id = $1 and c.sequence > $2 and c.sequence <= $3 order by c.sequence`,
      [institutionId, after, upTo],
    );
    return rows.map(({ digest }) => digest);
  }

  /** Entries with their links in a window of the chain, as far as they meet the conditions. */
  async linkedEntries(tx: Tx, institutionId: string, conditions: AuditConditions, after: number, upTo: number): Promise<readonly Link[]> {
    const { actions, ...others } = conditions;
    const { sql, values } = whereOf(others);
    const n = values.length;
    const rows = await tx.query<LinkRow>(
      `select e.*, c.sequence, c.entry_id, c.previous_digest, c.digest as link_digest
         from audit_chain c join audit_entries e on e.id = c.entry_id
        where c.institution_id = $${n + 1} and c.sequence > $${n + 2} and c.sequence <= $${n + 3}
          and ($${n + 4}::text[] is null or e.action = any($${n + 4})) and ${sql}
        order by c.sequence`,
      [...values, institutionId, after, upTo, actions],
    );
    return rows.map(linkOf);
  }

  async digests(tx: Tx, institutionId: string): Promise<readonly string[]> {
    const rows = await tx.query<{ digest: string }>("select digest from audit_entries where institution_id = $1", [institutionId]);
    return rows.map(({ digest }) => digest);
  }
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
  const { sequence, entry_id: entryId, previous_digest: previousDigest, link_digest: digest } = row;
  // A left join answers nulls where the entry is gone. The row itself is the entry: a walk makes no second object of it.
  return { sequence: Number(sequence), entryId, previousDigest, digest, entry: row.id === null ? null : row };
}
