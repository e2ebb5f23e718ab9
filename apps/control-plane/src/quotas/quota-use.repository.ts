import { Injectable } from "@nestjs/common";
import type { Amounts, Use } from "@ziggurat/scheduling";
import { costOf, monthOf, NOTHING, priceAt } from "@ziggurat/scheduling";
import { LOCAL_CLUSTER } from "../clusters/cluster-drivers.js";
import { clusterSubject, PricesRepository } from "../metering/prices.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";

interface OpenRow {
  readonly is_waiting: boolean;
  readonly estimated: number | null;
  readonly elapsed: number | null;
  readonly places: number;
  readonly cluster: string | null;
}

const QUARTER_SECONDS = 900;
const LIVE = "('submitting', 'queued', 'scheduling', 'running')";

/** What an institution uses, counted from the rows themselves; no counter is kept that could go wrong. */
@Injectable()
export class QuotaUseRepository {
  constructor(private readonly prices: PricesRepository) {}

  /** @param tx must see all of the institution's rows: its own viewer, or the platform's machinery */
  async of(tx: Tx, institutionId: string, now: Date): Promise<Use> {
    const [charged] = await tx.query<{ milliseconds: string; cost: string }>(
      "select coalesce(sum(milliseconds), 0) as milliseconds, coalesce(sum(cost), 0) as cost from charges where institution_id = $1 and month = $2",
      [institutionId, monthOf(now)],
    );
    const open = await this.open(tx, institutionId);
    const used: Amounts = {
      gpus: await this.held(tx, institutionId),
      gpuHours: hours(Number(charged?.milliseconds ?? 0)),
      money: Number(charged?.cost ?? 0),
      jobsQueued: open.filter(({ is_waiting }) => is_waiting).length,
      storageBytes: await this.storage(tx, institutionId),
    };
    return { used, reserved: { ...NOTHING, ...(await this.reserved(tx, open, now)) } };
  }

  /** Bytes of the files that the institution brought or made, each counted once. */
  async storage(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ bytes: string }>(
      "select coalesce(sum(b.size_bytes), 0) as bytes from blob_grants g join blobs b using (sha256) where g.institution_id = $1",
      [institutionId],
    );
    return Number(row?.bytes ?? 0);
  }

  /** What a run of this many seconds on the local cluster would cost. */
  async cost(tx: Tx, seconds: number, now: Date): Promise<number> {
    return costOf(seconds * 1000, priceAt(await this.prices.of(tx, clusterSubject(LOCAL_CLUSTER)), now));
  }

  private async held(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select coalesce(sum(places), 0)::int as n from attempts where institution_id = $1 and state in ${LIVE}`,
      [institutionId],
    );
    return row?.n ?? 0;
  }

  /** Jobs that have not ended, with their estimate and what their attempt has held so far. One that evaluates has its own charge already. */
  private open(tx: Tx, institutionId: string): Promise<OpenRow[]> {
    return tx.query<OpenRow>(
      `select j.state in ('queued', 'awaiting_approval') and j.ordered_by_job_id is null as is_waiting,
         case when j.finished_at is null and j.state <> 'evaluating' then (j.estimate -> 'seconds' ->> 'high')::float8 end as estimated,
         extract(epoch from now() - coalesce(a.started_at, a.created_at))::float8 as elapsed,
         coalesce(a.places, j.places) as places, c.name as cluster
       from jobs j left join attempts a on a.job_id = j.id and a.institution_id = $1 and a.state in ${LIVE} left join clusters c on c.id = a.cluster_id
       where j.institution_id = $1 and (j.finished_at is null or a.id is not null)`,
      [institutionId],
    );
  }

  /** An open job is expected to need what was estimated at most; one that runs longer already, up to the end of the quarter of an hour it is in. */
  private async reserved(tx: Tx, open: readonly OpenRow[], now: Date): Promise<Partial<Amounts>> {
    const price = new Map<string, number>();
    let [milliseconds, money] = [0, 0];
    for (const { estimated, elapsed, places, cluster } of open) {
      const overrun = (elapsed ?? 0) > (estimated ?? 0) ? Math.ceil((elapsed ?? 0) / QUARTER_SECONDS) * QUARTER_SECONDS : 0;
      const wanted = Math.round(Math.max(estimated ?? 0, overrun) * places * 1000);
      const subject = clusterSubject(cluster ?? LOCAL_CLUSTER);
      const known = price.get(subject) ?? priceAt(await this.prices.of(tx, subject), now);
      price.set(subject, known);
      milliseconds += wanted;
      money += costOf(wanted, known);
    }
    return { gpuHours: hours(milliseconds), money };
  }
}

function hours(milliseconds: number): number {
  return Math.round(milliseconds / 360) / 10_000;
}
