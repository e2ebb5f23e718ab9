import { Injectable } from "@nestjs/common";
import { AuditVerification, VerificationRun } from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { Chain } from "../audit.repository.js";

interface VerificationRow {
  readonly id: string;
  readonly state: string;
  readonly total: string;
  readonly done: string;
  readonly requested_by_name: string;
  readonly requested_at: Date;
  readonly result: unknown;
}

/** A verification that a walker has taken on, with the chains it is about. */
export interface Claim {
  readonly id: string;
  readonly chains: readonly Chain[];
}

@Injectable()
export class VerificationsRepository {
  async insert(tx: Tx, id: string, chains: readonly Chain[]): Promise<void> {
    await tx.query(
      `insert into audit_verifications (id, institution_id, requested_by, requested_by_name, chains, total)
       select $1, $2, $3, $4, $5::text[],
              coalesce(sum((select max(c.sequence) from audit_chain c where c.institution_id = i.id)), 0)
         from unnest($5::text[]) as i (id)`,
      [id, tx.viewer.institutionId, tx.viewer.userId, tx.viewer.name, chains.map((chain) => chain.id)],
    );
  }

  /** One of these very chains that is under way for the same institution. */
  async underWay(tx: Tx, chains: readonly Chain[]): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      "select id from audit_verifications where state <> 'done' and institution_id = $1 and chains = $2::text[] limit 1",
      [tx.viewer.institutionId, chains.map((chain) => chain.id)],
    );
    return row?.id ?? null;
  }

  async find(tx: Tx, id: string): Promise<VerificationRun | null> {
    const [row] = await tx.query<VerificationRow>(
      `select id, state, total, done, requested_by_name, requested_at, result from audit_verifications
        where id = $1 and institution_id = $2`,
      [id, tx.viewer.institutionId],
    );
    if (row === undefined) return null;
    return VerificationRun.parse({
      id: row.id,
      state: row.state,
      total: Number(row.total),
      done: Number(row.done),
      requestedBy: row.requested_by_name,
      requestedAt: row.requested_at.toISOString(),
      result: row.result === null ? null : AuditVerification.parse(row.result),
    });
  }

  /** Takes on the oldest that nobody walks; two walkers never get the same one. */
  async claim(tx: Tx, silentSeconds: number): Promise<Claim | null> {
    const [row] = await tx.query<{ id: string; chains: string[] }>(
      `update audit_verifications set state = 'running', done = 0, seen_at = now() where id = (
         select id from audit_verifications
          where state = 'queued' or (state = 'running' and seen_at < now() - make_interval(secs => $1))
          order by requested_at limit 1 for update skip locked)
       returning id, chains`,
      [silentSeconds],
    );
    if (row === undefined) return null;
    return {
      id: row.id,
      chains: await tx.query<Chain>("select id, slug from institutions where id = any($1) order by slug", [row.chains]),
    };
  }

  async progress(tx: Tx, id: string, done: number): Promise<void> {
    await tx.query("update audit_verifications set done = $2, seen_at = now() where id = $1", [id, done]);
  }

  async finish(tx: Tx, id: string, done: number, result: AuditVerification): Promise<void> {
    await tx.query("update audit_verifications set state = 'done', done = $2, total = greatest(total, $2), result = $3 where id = $1", [
      id,
      done,
      JSON.stringify(result),
    ]);
  }
}
