import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { type QueueJobName, type QueuePayload } from "@ziggurat/contracts";
import { DataSource, type EntityManager } from "typeorm";
import { type AuditRecord, auditDigest } from "./audit-record.js";
import { currentEffectScope } from "./effect-scope.js";
import { newId } from "./ids.js";
import type { Viewer } from "./viewer.js";

/** One transaction, bound to its viewer: every statement in it passes row-level security as that viewer. */
export interface Tx {
  readonly viewer: Viewer;
  readonly manager: EntityManager;
  /** Rows of one statement. Reads use plain SQL; the shape is the caller's claim about its own columns. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Writes an outbox row; the message leaves after the commit, or never. */
  enqueue<N extends QueueJobName>(name: N, payload: QueuePayload<N>): Promise<void>;
  /** Writes the audit entry of a state change into the same transaction. */
  audit(record: AuditRecord): Promise<void>;
  /** The entries of several changes at once. */
  auditAll(records: readonly AuditRecord[]): Promise<void>;
}

@Injectable()
export class UnitOfWork {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction as `viewer`. The tenant setting is local to the transaction: a session-level setting would
   * leak to the next user of the pooled connection.
   */
  run<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTransaction("READ COMMITTED", viewer, work);
  }

  /** Reads as of one moment: every statement sees the same state of the database, however many there are. */
  snapshot<T>(viewer: Viewer, read: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTransaction("REPEATABLE READ", viewer, read);
  }

  private inTransaction<T>(isolation: "READ COMMITTED" | "REPEATABLE READ", viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(isolation, async (manager) => {
      await manager.query(
        "select set_config('app.institution', $1, true), set_config('app.reach', $2, true), set_config('app.actor', $3, true)",
        [viewer.institutionId, viewer.reach, viewer.name],
      );
      return work(transaction(viewer, manager));
    });
  }
}

function transaction(viewer: Viewer, manager: EntityManager): Tx {
  // Asked for the structured result, because the plain one of UPDATE and DELETE is a pair of rows and count.
  const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
    const { queryRunner } = manager;
    if (queryRunner === undefined) throw new Error("This unit of work has ended.");
    return (await queryRunner.query(sql, [...parameters], true)).records;
  };
  return {
    viewer,
    manager,
    query,
    async enqueue(name, payload) {
      await query("insert into outbox (id, name, payload) values ($1, $2, $3)", [newId("request"), name, JSON.stringify(payload)]);
      await query("select pg_notify('ziggurat_outbox', '')");
    },
    audit: (record) => auditAll([record]),
    auditAll,
  };

  async function auditAll(records: readonly AuditRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    const entries = records.map((record) => {
      const entry = {
        id: newId("audit"),
        institutionId: record.institutionId,
        at: new Date().toISOString(),
        actorId: viewer.userId,
        actorName: viewer.name,
        requestId: viewer.requestId,
        action: record.action,
        object: record.object,
        reason: record.reason ?? "",
        beforeDigest: record.before === undefined ? null : auditDigest(record.before),
        afterDigest: record.after === undefined ? null : auditDigest(record.after),
      };
      return [...Object.values(entry), auditDigest(entry)];
    });
    await query(
      `insert into audit_entries (id, institution_id, at, actor_id, actor_name, request_id, action, object, reason, before_digest, after_digest, digest)
       select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::text[], $11::text[], $12::text[])`,
      columnsOf(entries),
    );
    const scope = currentEffectScope();
    if (scope !== undefined) {
      await query("update idempotency_keys set effect = coalesce(effect, $4) where user_id = $1 and path = $2 and key = $3", [
        scope.userId,
        scope.path,
        scope.key,
        first.object,
      ]);
    }
  }
}

/** Rows of equal length as columns. */
function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
}
