import { Inject, Injectable } from "@nestjs/common";
import type { PriceState } from "@ziggurat/contracts";
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

/** Of one subject, or of any; in one state at an instant, or in any. */
export interface WantedPrices {
  readonly subject: string | null;
  readonly state: PriceState | null;
  readonly now: Date;
}

const MATCHING = `select * from (${SELECT}) p where ($1::text is null or subject = $1) and ($2::text is null or $2 = case
  when valid_from > $3::timestamptz then 'coming' when valid_to is null or valid_to > $3::timestamptz then 'in_force' else 'past' end)`;

const parametersOf = ({ subject, state, now }: WantedPrices) => [subject, state, now];

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
  list(tx: Tx, wanted: WantedPrices, before: string | null, limit: number): Promise<PriceRow[]> {
    return tx.query<PriceRow>(`${MATCHING} and ($4::text is null or id < $4) order by id desc limit $5`, [
      ...parametersOf(wanted),
      before,
      limit,
    ]);
  }

  async count(tx: Tx, wanted: WantedPrices): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from (${MATCHING}) m`, parametersOf(wanted));
    return row?.n ?? 0;
  }

  /** Whether a price of the subject begins at that very instant. */
  async has(tx: Tx, subject: string, validFrom: Date): Promise<boolean> {
    return (await tx.query("select from prices where subject = $1 and valid_from = $2", [subject, validFrom])).length > 0;
  }

  /** The price of a subject that holds just before an instant, and the first that begins after it. */
  async around(tx: Tx, subject: string, at: Date): Promise<{ readonly before: PriceRow | null; readonly after: PriceRow | null }> {
    const of = `select * from (${SELECT}) p where subject = $1`;
    const [before] = await tx.query<PriceRow>(`${of} and valid_from < $2 order by valid_from desc limit 1`, [subject, at]);
    const [after] = await tx.query<PriceRow>(`${of} and valid_from > $2 order by valid_from limit 1`, [subject, at]);
    return { before: before ?? null, after: after ?? null };
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
