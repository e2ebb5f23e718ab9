import { Injectable } from "@nestjs/common";
import type { PriorityClass, SchedulingPolicy, Sensitivity, Tier } from "@ziggurat/contracts";
import { type Account, type PlaceLimit, RUNNING_STATES, resourcesOf } from "@ziggurat/scheduling";
import { LIVE_ATTEMPT_STATES } from "../../clusters/clusters.repository.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { QuotasRepository } from "../../quotas/quotas.repository.js";

interface AskedRow {
  readonly id: string;
  readonly institution_id: string;
  readonly tier: Tier;
  readonly priority: PriorityClass;
  readonly resources: unknown;
  readonly run_window: unknown;
  readonly estimate: unknown;
  readonly max_seconds: number | null;
  readonly preemptions: number;
}

export interface QueuedRow extends AskedRow {
  readonly queued_at: Date;
  readonly waiting_since: Date | null;
  readonly not_before: Date | null;
  readonly due_at: Date | null;
  readonly waiting: unknown;
  readonly position: number | null;
  readonly start_range: unknown;
  readonly sensitivity: Sensitivity;
  readonly region: string | null;
  /** Where its newest checkpoint lies. */
  readonly last_cluster: string | null;
  /** Seconds that its attempts have run. */
  readonly ran: number;
  /** Part of its work that the newest checkpoint holds, from 0 to 1. */
  readonly done: number;
}

export interface HoldingRow extends AskedRow {
  readonly job_id: string;
  readonly cluster: string;
  readonly pool: string | null;
  readonly held_since: Date;
  readonly checkpoint_at: Date | null;
  readonly eta: number | null;
  readonly is_preemptible: boolean;
  readonly is_yielding: boolean;
}

interface AverageRow {
  readonly institution_id: string;
  readonly slug: string;
  readonly gpu_type: string | null;
  readonly units: number;
  readonly cpus: number;
  readonly memory_mb: number;
}

/** After so many half-lives nothing to speak of is left of what was used. */
const REMEMBERED = 10;

/** Reads what admission looks at. */
@Injectable()
export class SituationRepository {
  constructor(private readonly quotas: QuotasRepository) {}

  queued(tx: Tx): Promise<QueuedRow[]> {
    return tx.query<QueuedRow>(QUEUED);
  }

  holding(tx: Tx): Promise<HoldingRow[]> {
    return tx.query<HoldingRow>(HOLDING, [LIVE_ATTEMPT_STATES, RUNNING_STATES]);
  }

  /** Places that limited institutions may hold. */
  async limits(tx: Tx): Promise<Map<string, PlaceLimit>> {
    const rows = await this.quotas.all(tx);
    return new Map(
      rows.flatMap(({ institution_id, limits: { gpus, mayBorrow } }) =>
        gpus === null ? [] : [[institution_id, { places: gpus.stop, mayBorrow }] as const],
      ),
    );
  }

  /** Of every institution that waits, holds or has lately held something: its weight, and the decayed average of what it held. */
  async accounts(tx: Tx, { halfLifeHours, weights }: Pick<SchedulingPolicy, "halfLifeHours" | "weights">): Promise<Map<string, Account>> {
    const halfLife = halfLifeHours * 3600;
    const rows = await tx.query<AverageRow>(AVERAGES, [halfLife, halfLife * REMEMBERED, LIVE_ATTEMPT_STATES]);
    const averages = new Map<string, Map<string, number>>();
    const slugs = new Map<string, string>();
    for (const row of rows) {
      const average = averages.get(row.institution_id) ?? new Map<string, number>();
      const names = resourcesOf({ gpuType: row.gpu_type });
      const add = (name: string, amount: number): unknown => average.set(name, (average.get(name) ?? 0) + amount);
      add(names.units, row.units);
      add(names.cpus, row.cpus);
      add(names.memoryMb, row.memory_mb);
      averages.set(row.institution_id, average);
      slugs.set(row.institution_id, row.slug);
    }
    return new Map([...averages].map(([id, average]) => [id, { weight: weights[slugs.get(id) ?? ""] ?? 1, average }]));
  }
}

const CLASSES = "array['public', 'internal', 'confidential', 'personal']";

/** Weights of an institution's model are as confidential as what it learned from; where a job has no data, that is all there is to go by. */
const QUEUED = `
  select j.id, j.institution_id, j.tier, j.priority, j.resources, j.run_window, j.estimate, j.max_seconds, j.preemptions, j.queued_at,
    j.waiting_since, j.not_before, j.due_at, j.waiting, j.position, j.start_range, i.region, a.last_cluster, coalesce(a.ran, 0)::float8 as ran,
    coalesce((${CLASSES})[d.class], case when j.tier = 'institution' then 'confidential' else 'internal' end) as sensitivity,
    case when a.last_cluster is null then 0
      else coalesce(least(0.98, (j.progress ->> 'step')::float8 / nullif((j.progress ->> 'steps')::float8, 0)), 0) end as done
  from jobs j join institutions i on i.id = j.institution_id
  left join lateral (
    select (array_agg(c.name order by t.number desc) filter (where t.checkpoint_at is not null))[1] as last_cluster,
      sum(extract(epoch from t.ended_at - coalesce(t.started_at, t.ended_at))) as ran
    from attempts t join clusters c on c.id = t.cluster_id where t.job_id = j.id) a on true
  left join lateral (
    select max(array_position(${CLASSES}, s.sensitivity)) as class from job_datasets jd
    join dataset_versions v on v.id = jd.dataset_version_id join datasets s on s.id = v.dataset_id where jd.job_id = j.id) d on true
  where j.state = 'queued'`;

/** What is being stopped, by a person or by the platform, ends soon. */
const HOLDING = `
  select a.id, a.job_id, a.institution_id, j.tier, j.priority, j.resources, j.run_window, j.estimate, j.max_seconds, j.preemptions,
    c.name as cluster, a.pool, coalesce(a.started_at, a.created_at) as held_since, a.checkpoint_at,
    (j.progress ->> 'etaSeconds')::float8 as eta, j.kind in ('pretrain', 'tune') and j.state = 'running' as is_preemptible,
    (j.state <> all($2) or j.wanted_command is not null) as is_yielding
  from attempts a join jobs j on j.id = a.job_id join clusters c on c.id = a.cluster_id where a.state = any($1)`;

/** The weight of a span is that of \`decayedWeight\`. Two branches, each by its own index. */
const AVERAGES = `
  with held as (
    select institution_id, gpu_type, taken, created_at as since, now() as until from attempts where state = any($3)
    union all
    select institution_id, gpu_type, taken, created_at, ended_at from attempts where ended_at > now() - make_interval(secs => $2)),
  weighed as (
    select institution_id, gpu_type, taken,
      greatest(0, power(2, -extract(epoch from now() - until)::float8 / $1::float8) - power(2, -extract(epoch from now() - since)::float8 / $1::float8)) as weight
    from held)
  select i.id as institution_id, i.slug, w.gpu_type, coalesce(sum(w.weight * (w.taken ->> 'units')::float8), 0) as units,
    coalesce(sum(w.weight * (w.taken ->> 'cpus')::float8), 0) as cpus, coalesce(sum(w.weight * (w.taken ->> 'memoryMb')::float8), 0) as memory_mb
  from institutions i left join weighed w on w.institution_id = i.id
  where w.institution_id is not null or exists (select from jobs j where j.institution_id = i.id and j.state = 'queued')
  group by 1, 2, 3`;
