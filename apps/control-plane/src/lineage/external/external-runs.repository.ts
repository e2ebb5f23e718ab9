import { Injectable } from "@nestjs/common";
import type { ExternalRun, RunEvent } from "@ziggurat/contracts";
import { newId } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";

/** A thing of the sender's institution that an event names. */
export interface NamedObject {
  readonly id: string;
  readonly name: string;
}
interface EventRow {
  readonly id: string;
  readonly run_id: string;
  readonly job_namespace: string;
  readonly job_name: string;
  readonly producer: string;
  readonly event_type: RunEvent["eventType"];
  readonly event_time: Date;
  readonly inputs: readonly Dataset[] | null;
  readonly outputs: readonly Dataset[] | null;
  readonly received_at: Date;
  readonly received_by_name: string;
  readonly names: readonly string[];
}
type Dataset = { readonly namespace: string; readonly name: string };

/** Runs of one answer at most; the newest are shown. */
const MOST_RUNS = 100;
/** Events of one run that are looked at, the last ones. */
const MOST_EVENTS = 50;

@Injectable()
export class ExternalRunsRepository {
  /** The sender's own versions behind these refs. */
  versions(tx: Tx, refs: readonly string[]): Promise<NamedObject[]> {
    return tx.query<NamedObject>(
      `select v.id, m.namespace || '/' || m.slug || '@' || v.number as name from versions v join models m on m.id = v.model_id
       where v.institution_id = $1 and m.namespace || '/' || m.slug = any($2) and m.namespace || '/' || m.slug || '@' || v.number = any($3)`,
      [tx.viewer.institutionId, refs.map((ref) => ref.split("@")[0]), refs],
    );
  }

  datasets(tx: Tx, refs: readonly string[]): Promise<NamedObject[]> {
    return tx.query<NamedObject>(
      `select dv.id, 'datasets/' || d.namespace || '/' || d.slug || '@' || dv.number as name
       from dataset_versions dv join datasets d on d.id = dv.dataset_id
       where dv.institution_id = $1 and d.namespace || '/' || d.slug || '@' || dv.number = any($2)`,
      [tx.viewer.institutionId, refs],
    );
  }

  /** Stores an event; one that is there already is left as it is. Answers its id, and whether it was known. */
  async insert(tx: Tx, event: RunEvent, text: string): Promise<{ readonly id: string; readonly known: boolean }> {
    const { viewer } = tx;
    const key = [viewer.institutionId, event.run.runId.toLowerCase(), event.eventType, event.eventTime];
    const [made] = await tx.query<{ id: string }>(
      `insert into external_events (institution_id, run_id, event_type, event_time, id, job_namespace, job_name, producer, event, received_by, received_by_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict on constraint external_events_once do nothing returning id`,
      [...key, newId("externalEvent"), event.job.namespace, event.job.name, event.producer, text, viewer.userId, viewer.name],
    );
    if (made !== undefined) return { id: made.id, known: false };
    const [found] = await tx.query<{ id: string }>(
      "select id from external_events where institution_id = $1 and run_id = $2 and event_type = $3 and event_time = $4",
      key,
    );
    if (found === undefined) throw new Error("An event that could not be stored twice is not there.");
    return { id: found.id, known: true };
  }

  async addNames(tx: Tx, eventId: string, objects: readonly NamedObject[]): Promise<void> {
    await tx.query(
      `insert into external_event_names (event_id, object_id, name, institution_id)
       select $1, id, name, $2 from unnest($3::text[], $4::text[]) as named (id, name)`,
      [eventId, tx.viewer.institutionId, objects.map(({ id }) => id), objects.map(({ name }) => name)],
    );
  }

  /** Runs that name any of these versions or dataset versions, newest first, each with all its events taken together. */
  async naming(tx: Tx, objectIds: readonly string[]): Promise<ExternalRun[]> {
    const rows = await tx.query<EventRow>(
      `with runs as materialized (
         select e.institution_id, e.run_id, max(e.event_time) as last
         from external_event_names n join external_events e on e.id = n.event_id where n.object_id = any($1)
         group by e.institution_id, e.run_id order by last desc, e.run_id limit ${MOST_RUNS})
       select e.id, e.run_id, e.job_namespace, e.job_name, e.producer, e.event_type, e.event_time, e.event->'inputs' as inputs,
         e.event->'outputs' as outputs, e.received_at, e.received_by_name,
         array(select n.name from external_event_names n where n.event_id = e.id and n.object_id = any($1) order by n.name) as names
       from runs r cross join lateral (
         select * from external_events o where o.institution_id = r.institution_id and o.run_id = r.run_id
         order by o.event_time desc, o.id desc limit ${MOST_EVENTS}) e
       order by r.last desc, r.run_id, e.event_time desc, e.id desc`,
      [objectIds],
    );
    const byRun = new Map<string, EventRow[]>();
    for (const row of rows) byRun.set(row.run_id, [...(byRun.get(row.run_id) ?? []), row]);
    return [...byRun.values()].flatMap(runOf);
  }
}

/** @param events of one run, the last first */
function runOf(events: readonly EventRow[]): ExternalRun[] {
  const [last] = events;
  if (last === undefined) return [];
  return [
    {
      runId: last.run_id,
      job: { namespace: last.job_namespace, name: last.job_name },
      producer: last.producer,
      eventType: last.event_type,
      eventTime: last.event_time.toISOString(),
      inputs: distinct(events.flatMap(({ inputs }) => inputs ?? [])),
      outputs: distinct(events.flatMap(({ outputs }) => outputs ?? [])),
      names: [...new Set(events.flatMap(({ names }) => names))].sort(),
      receivedAt: last.received_at.toISOString(),
      declaredBy: last.received_by_name,
    },
  ];
}

function distinct(datasets: readonly Dataset[]): Dataset[] {
  const byName = new Map(datasets.map(({ namespace, name }) => [`${namespace} ${name}`, { namespace, name }]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dataset]) => dataset);
}
