import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface FactorRow {
  readonly secret: string;
  readonly confirmed_at: Date | null;
}

/** What a person has that a sign-in is proven with, beside the password. */
export interface HeldFactors {
  readonly has_app: boolean;
  readonly passkeys: number;
  readonly recovery_codes: number;
}

@Injectable()
export class SecondFactorsRepository {
  async find(tx: Tx, userId: string): Promise<FactorRow | null> {
    const [row] = await tx.query<FactorRow>("select secret, confirmed_at from second_factors where user_id = $1", [userId]);
    return row ?? null;
  }

  async held(tx: Tx, userId: string): Promise<HeldFactors> {
    const [row] = await tx.query<HeldFactors>(
      `select exists (select from second_factors where user_id = $1 and confirmed_at is not null) as has_app,
         (select count(*)::int from passkeys where user_id = $1) as passkeys,
         (select count(*)::int from recovery_codes where user_id = $1 and used_at is null) as recovery_codes`,
      [userId],
    );
    if (row === undefined) throw new Error("the factors of a person were not answered");
    return row;
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

  async confirm(tx: Tx, userId: string): Promise<boolean> {
    const rows = await tx.query("update second_factors set confirmed_at = now() where user_id = $1 and confirmed_at is null returning 1", [
      userId,
    ]);
    return rows.length > 0;
  }

  /** In the place of those that were. */
  async setRecoveryCodes(tx: Tx, userId: string, institutionId: string, codeHashes: readonly string[]): Promise<void> {
    await tx.query("delete from recovery_codes where user_id = $1", [userId]);
    await tx.query("insert into recovery_codes (user_id, institution_id, code_hash) select $1, $2, * from unnest($3::text[])", [
      userId,
      institutionId,
      codeHashes,
    ]);
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

  async endApp(tx: Tx, userId: string): Promise<void> {
    await tx.query("delete from second_factors where user_id = $1", [userId]);
  }

  /** Recovery codes of somebody who has nothing left that they stand in for. */
  async dropSpareCodes(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      `delete from recovery_codes where user_id = $1 and not exists (select from passkeys where user_id = $1)
         and not exists (select from second_factors where user_id = $1 and confirmed_at is not null)`,
      [userId],
    );
  }

  /** Of whatever kind. @returns whether a sign-in was asked for any */
  async remove(tx: Tx, userId: string): Promise<boolean> {
    await tx.query("delete from recovery_codes where user_id = $1", [userId]);
    const passkeys = await tx.query("delete from passkeys where user_id = $1 returning 1", [userId]);
    const apps = await tx.query("delete from second_factors where user_id = $1 returning 1", [userId]);
    return passkeys.length + apps.length > 0;
  }
}
