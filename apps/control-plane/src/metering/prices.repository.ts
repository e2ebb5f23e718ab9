import { Inject, Injectable } from "@nestjs/common";
import type { DatedPrice } from "@ziggurat/scheduling";
import { CONFIG, type Config } from "../platform/config.js";
import { newId, PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface PriceRow {
  readonly id: string;
  readonly subject: string;
  readonly amount: string;
  readonly currency: string;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly set_by: string;
  readonly reason: string;
}

export const STORAGE = "storage";
export const clusterSubject = (name: string): string => `cluster:${name}`;

const SELECT = `select id, subject, amount, currency, valid_from, set_by, reason, lead(valid_from) over (partition by subject order by valid_from) as valid_to
  from prices`;

@Injectable()
export class PricesRepository {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, "currency">) {}

  /** The currency of the first price, for good; until there is one, the configured. */
  async currency(tx: Tx): Promise<string> {
    const [row] = await tx.query<{ currency: string }>("select currency from prices order by id limit 1");
    return row?.currency ?? this.config.currency;
  }

  async of(tx: Tx, subject: string): Promise<DatedPrice[]> {
    const rows = await tx.query<{ amount: string; valid_from: Date }>("select amount, valid_from from prices where subject = $1", [
      subject,
    ]);
    return rows.map(({ amount, valid_from }) => ({ amount: Number(amount), validFrom: valid_from }));
  }

  /** One page, newest first. */
  list(tx: Tx, before: string | null, limit: number): Promise<PriceRow[]> {
    return tx.query<PriceRow>(`select * from (${SELECT}) p where $1::text is null or id < $1 order by id desc limit $2`, [before, limit]);
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from prices");
    return row?.n ?? 0;
  }

  async find(tx: Tx, id: string): Promise<PriceRow | null> {
    const [row] = await tx.query<PriceRow>(`select * from (${SELECT}) p where id = $1`, [id]);
    return row ?? null;
  }

  async hasCluster(tx: Tx, name: string): Promise<boolean> {
    return (await tx.query("select from clusters where name = $1", [name])).length > 0;
  }

  async insert(
    tx: Tx,
    price: {
      readonly subject: string;
      readonly amount: number;
      readonly currency: string;
      readonly validFrom: Date;
      readonly reason: string;
    },
  ): Promise<string> {
    const id = newId("price");
    await tx.query(
      "insert into prices (id, institution_id, subject, amount, currency, valid_from, set_by, reason) values ($1, $2, $3, $4, $5, $6, $7, $8)",
      [id, PLATFORM_ID, price.subject, price.amount, price.currency, price.validFrom, tx.viewer.name, price.reason],
    );
    return id;
  }
}
