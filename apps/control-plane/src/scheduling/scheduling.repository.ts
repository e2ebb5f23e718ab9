import { Injectable } from "@nestjs/common";
import { SchedulingPolicy, type Tier } from "@ziggurat/contracts";
import { DEFAULT_RULES, type Reservation, type SchedulingRules } from "@ziggurat/scheduling";
import { newId, PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface PolicyRow {
  readonly revision: number;
  readonly policy: SchedulingPolicy;
  readonly set_by: string;
  readonly set_at: Date;
  readonly reason: string;
}

export interface ReservationRow {
  readonly id: string;
  readonly institution_id: string;
  readonly institution: string;
  readonly cluster: string;
  readonly pool: string;
  readonly units: number;
  readonly tier: Tier | null;
  readonly is_for_all: boolean;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly reason: string;
  readonly made_by: string;
  readonly made_at: Date;
  readonly ended_at: Date | null;
}

const SELECT = `select r.*, i.slug as institution, c.name as cluster
  from reservations r join institutions i on i.id = r.institution_id join clusters c on c.id = r.cluster_id`;

@Injectable()
export class SchedulingRepository {
  /** Null: nobody has set one, so the default holds. */
  async policy(tx: Tx): Promise<PolicyRow | null> {
    const [row] = await tx.query<Omit<PolicyRow, "policy"> & { policy: unknown }>(
      "select revision, policy, set_by, set_at, reason from scheduling_policies order by revision desc limit 1",
    );
    return row === undefined ? null : { ...row, policy: SchedulingPolicy.parse(row.policy) };
  }

  /** One change at a time, until this transaction ends. */
  async lock(tx: Tx): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('scheduling', 0))");
  }

  async insertPolicy(tx: Tx, revision: number, policy: SchedulingPolicy, reason: string): Promise<void> {
    await tx.query("insert into scheduling_policies (revision, institution_id, policy, set_by, reason) values ($1, $2, $3, $4, $5)", [
      revision,
      PLATFORM_ID,
      JSON.stringify(policy),
      tx.viewer.name,
      reason,
    ]);
  }

  /** Slugs among these of which there is no institution. */
  async unknownInstitutions(tx: Tx, slugs: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ slug: string }>(
      "select w.slug from unnest($1::text[]) as w (slug) where not exists (select from institutions i where i.slug = w.slug) order by 1",
      [slugs],
    );
    return rows.map(({ slug }) => slug);
  }

  async institutionId(tx: Tx, slug: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
    return row?.id ?? null;
  }

  /** Those that have not ended, as the rules see them. */
  async reservations(tx: Tx, now: Date): Promise<Reservation[]> {
    const rows = await tx.query<ReservationRow>(`${SELECT} where r.ended_at is null and r.ends_at > $1 order by r.id`, [now]);
    return rows.map((row) => ({
      ...{ id: row.id, cluster: row.cluster, pool: row.pool, units: row.units, tier: row.tier },
      institution: row.is_for_all ? null : row.institution_id,
      from: row.starts_at.getTime(),
      until: row.ends_at.getTime(),
    }));
  }

  async find(tx: Tx, id: string): Promise<ReservationRow | null> {
    const [row] = await tx.query<ReservationRow>(`${SELECT} where r.id = $1`, [id]);
    return row ?? null;
  }

  /** One page, newest first. */
  list(tx: Tx, before: string | null, limit: number): Promise<ReservationRow[]> {
    return tx.query<ReservationRow>(`${SELECT} where $1::text is null or r.id < $1 order by r.id desc limit $2`, [before, limit]);
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from reservations");
    return row?.n ?? 0;
  }

  async insert(
    tx: Tx,
    {
      clusterId,
      reservation,
      reason,
    }: { readonly clusterId: string; readonly reservation: Omit<Reservation, "id">; readonly reason: string },
  ): Promise<string> {
    const id = newId("reservation");
    await tx.query(
      `insert into reservations (id, institution_id, cluster_id, pool, units, tier, is_for_all, starts_at, ends_at, reason, made_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        reservation.institution ?? PLATFORM_ID,
        clusterId,
        reservation.pool,
        reservation.units,
        reservation.tier,
        reservation.institution === null,
        new Date(reservation.from),
        new Date(reservation.until),
        reason,
        tx.viewer.name,
      ],
    );
    return id;
  }

  /** @returns whether it had not ended until now */
  async end(tx: Tx, id: string, reason: string): Promise<boolean> {
    const rows = await tx.query(
      "update reservations set ended_at = now(), ended_by = $2, end_reason = $3 where id = $1 and ended_at is null and ends_at > now() returning id",
      [id, tx.viewer.name, reason],
    );
    return rows.length > 0;
  }
}

/** The rules that a policy makes; what it does not speak of is as always. */
export function rulesOf({ halfLifeHours, agesAfterHours, minRunMinutes, maxPreemptions }: SchedulingPolicy): SchedulingRules {
  return {
    ...DEFAULT_RULES,
    halfLifeSeconds: halfLifeHours * 3600,
    agesAfterSeconds: {
      interactive: agesAfterHours.interactive * 3600,
      standard: agesAfterHours.standard * 3600,
      bulk: agesAfterHours.bulk * 3600,
    },
    minRunSeconds: minRunMinutes * 60,
    maxPreemptions,
  };
}
