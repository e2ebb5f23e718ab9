import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { type QueueJobName, type QueuePayload } from "@ziggurat/contracts";
import { escapeLiteral, type PoolClient, type QueryResult } from "pg";
import { DataSource } from "typeorm";
import { type AuditRecord, auditDigest } from "./audit-record.js";
import { currentEffectScope } from "./effect-scope.js";
import { newId } from "./ids.js";
import { StatementNames } from "./statement-names.js";
import type { Viewer } from "./viewer.js";

/** One transaction, bound to its viewer: every statement in it passes row-level security as that viewer. */
export interface Tx {
  readonly viewer: Viewer;
  /** The database's `now()` in this transaction, in UTC and to the microsecond, as {@link INSTANT} writes it. */
  readonly startedAt: Promise<string>;
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
  private readonly names = new StatementNames();

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction as `viewer`. The tenant setting is local to the transaction: a session-level setting would
   * leak to the next user of the pooled connection.
   */
  run<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTransaction("begin isolation level read committed", viewer, work);
  }

  /** Reads as of one moment: every statement sees the same state of the database, however many there are. */
  snapshot<T>(viewer: Viewer, read: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTransaction("begin isolation level repeatable read", viewer, read);
  }

  /**
   * For notes beside a change, never for the change: the commit is not waited for until it lies on disk. A crash of the database may
   * lose the last moments of such notes, but none that was written before a change that `run` acknowledged: its commit writes them out too.
   */
  note<T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.inTransaction("begin isolation level read committed; set local synchronous_commit = off", viewer, work);
  }

  private async inTransaction<T>(begin: string, viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const client: PoolClient = await runner.connect();
    const statements = new Statements(client, this.names);
    try {
      // Not waited for: the beginning travels together with the first statement, and whatever follows a failed one fails.
      const startedAt = client.query<Start>(`${begin}; ${settingsOf(viewer)}`).then(startOf);
      const [answer] = await Promise.all([work(transaction(viewer, startedAt, statements)), startedAt]);
      statements.end();
      const { command } = await client.query("commit");
      // What a failed statement left behind cannot be committed: the server rolls back, and says so in passing only.
      if (command !== "COMMIT") throw new Error("A failed statement was passed over; nothing of its transaction is kept.");
      return answer;
    } catch (error) {
      // Of several statements under way one failed; what another would send now came behind the rollback, outside of any transaction.
      statements.end();
      await client.query("rollback").catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/** How an instant is written in SQL: in UTC and to the microsecond. @param column what it is read from */
export const INSTANT = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

interface Start {
  readonly started_at: string;
}

/** Several statements in one message are answered by as many results, of which the driver's types know one. */
function startOf(answers: QueryResult<Start> | readonly QueryResult<Start>[]): string {
  const last = "rows" in answers ? answers : answers.at(-1);
  const [row] = last?.rows ?? [];
  if (row === undefined) throw new Error("The transaction did not say when it began.");
  return row.started_at;
}

/** Who asks, as one statement without parameters, so that it travels together with the beginning of the transaction. */
function settingsOf({ institutionId, reach, name, userId, behind = [] }: Viewer): string {
  const settings = {
    "app.institution": institutionId,
    "app.reach": reach,
    "app.actor": name,
    "app.account": userId,
    "app.behind": behind.join(" "),
  };
  return `select ${Object.entries(settings)
    .map(([setting, value]) => `set_config('${setting}', ${escapeLiteral(value)}, true)`)
    .join(", ")}, ${INSTANT("now()")} as started_at`;
}

/** The statements of one transaction; none may come after its end, when the connection is somebody else's. */
class Statements {
  private hasEnded = false;

  constructor(
    private readonly client: PoolClient,
    private readonly names: StatementNames,
  ) {}

  async query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    if (this.hasEnded) throw new Error("This unit of work has ended.");
    const { rows } = await this.client.query({ name: this.names.of(text), text, values: [...values] });
    return rows;
  }

  end(): void {
    this.hasEnded = true;
  }
}

function transaction(viewer: Viewer, startedAt: Promise<string>, statements: Statements): Tx {
  const query = <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => statements.query<Row>(sql, parameters);
  return {
    viewer,
    startedAt,
    query,
    async enqueue(name, payload) {
      await Promise.all([
        query("insert into outbox (id, name, payload) values ($1, $2, $3)", [newId("request"), name, JSON.stringify(payload)]),
        query("select pg_notify('ziggurat_outbox', '')"),
      ]);
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
    const scope = currentEffectScope();
    if (scope === undefined) await query(INSERT_ENTRIES, columnsOf(entries));
    else await query(INSERT_ENTRIES_OF_KEY, [...columnsOf(entries), scope.userId, scope.path, scope.key, first.object]);
  }
}

const INSERT_ENTRIES = `
  insert into audit_entries (id, institution_id, at, actor_id, actor_name, request_id, action, object, reason, before_digest, after_digest, digest)
  select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[])`;
/** The first change of a request is noted at the key it came under. */
const INSERT_ENTRIES_OF_KEY = `with entries as (${INSERT_ENTRIES})
  update idempotency_keys set effect = coalesce(effect, $16) where user_id = $13 and path = $14 and key = $15`;

/** Rows of equal length as columns. */
function columnsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column]));
}
