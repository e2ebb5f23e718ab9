import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { SealedColumn } from "../platform/keys/sealed-columns.js";

export interface SealedText {
  readonly row: string;
  readonly text: string;
}

/** Texts that the vault closed, whichever table they lie in. Names of tables and columns are the code's own. */
@Injectable()
export class SealedTexts {
  /** Some that do not begin as those under the key do, after the given row, locked; those that another process has in hand are left out. */
  waiting({ table, row, column }: SealedColumn, tx: Tx, prefix: string, after: string, limit: number): Promise<SealedText[]> {
    return tx.query<SealedText>(
      `select ${row} as row, ${column} as text from ${table}
       where ${row} > $2 and not starts_with(${column}, $1) order by ${row} limit $3 for update skip locked`,
      [prefix, after, limit],
    );
  }

  async replace({ table, row, column }: SealedColumn, tx: Tx, texts: readonly SealedText[]): Promise<void> {
    await tx.query(
      `update ${table} t set ${column} = given.text from unnest($1::text[], $2::text[]) as given (row, text) where t.${row} = given.row`,
      [texts.map((text) => text.row), texts.map(({ text }) => text)],
    );
  }

  async count({ table, column }: SealedColumn, tx: Tx, prefix: string): Promise<{ readonly current: number; readonly waiting: number }> {
    const [row] = await tx.query<{ current: number; waiting: number }>(
      `select count(*) filter (where starts_with(${column}, $1))::int as current,
         count(*) filter (where not starts_with(${column}, $1))::int as waiting from ${table}`,
      [prefix],
    );
    return row ?? { current: 0, waiting: 0 };
  }
}
