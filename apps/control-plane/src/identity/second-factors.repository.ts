import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface FactorRow {
  readonly secret: string;
  readonly confirmed_at: Date | null;
  readonly recovery_codes: number;
}

@Injectable()
export class SecondFactorsRepository {
  async find(tx: Tx, userId: string): Promise<FactorRow | null> {
    const [row] = await tx.query<FactorRow>(
      `select secret, confirmed_at, (select count(*)::int from recovery_codes c where c.user_id = f.user_id and c.used_at is null) as recovery_codes
       from second_factors f where user_id = $1`,
      [userId],
    );
    return row ?? null;
  }

  /** Puts a secret that waits for its first code in the place of another that waited. @returns whether it could: one that is on stays */
  async begin(tx: Tx, userId: string, institutionId: string, secret: string): Promise<boolean> {
    const rows = await tx.query(
      `insert into second_factors (user_id, institution_id, secret) values ($1, $2, $3)
       on conflict (user_id) do update set secret = excluded.secret, created_at = now() where second_factors.confirmed_at is null returning 1`,
      [userId, institutionId, secret],
    );
    return rows.length > 0;
  }

  async confirm(tx: Tx, userId: string, institutionId: string, codeHashes: readonly string[]): Promise<boolean> {
    const rows = await tx.query("update second_factors set confirmed_at = now() where user_id = $1 and confirmed_at is null returning 1", [
      userId,
    ]);
    if (rows.length === 0) return false;
    await tx.query("insert into recovery_codes (user_id, institution_id, code_hash) select $1, $2, * from unnest($3::text[])", [
      userId,
      institutionId,
      codeHashes,
    ]);
    return true;
  }

  /** Takes the code of a time step, once. @returns whether no code of it or of a later one was taken before */
  async takeStep(tx: Tx, userId: string, step: number): Promise<boolean> {
    const rows = await tx.query(
      "update second_factors set last_step = $2 where user_id = $1 and (last_step is null or last_step < $2) returning 1",
      [userId, step],
    );
    return rows.length > 0;
  }

  async takeRecoveryCode(tx: Tx, userId: string, codeHash: string): Promise<boolean> {
    const rows = await tx.query(
      "update recovery_codes set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null returning 1",
      [userId, codeHash],
    );
    return rows.length > 0;
  }

  async remove(tx: Tx, userId: string): Promise<boolean> {
    await tx.query("delete from recovery_codes where user_id = $1", [userId]);
    const rows = await tx.query("delete from second_factors where user_id = $1 returning 1", [userId]);
    return rows.length > 0;
  }
}
