import { Injectable } from "@nestjs/common";
import type { EntitlementState, GrantEntitlement, Right, Scenario, Tier, VersionState } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface EntitlementRow {
  readonly id: string;
  readonly institution_id: string;
  readonly institution: string;
  readonly model_id: string;
  readonly version_id: string | null;
  readonly subject: string;
  readonly tier: Tier;
  readonly rights: Right[];
  readonly max_task_models: number | null;
  readonly scenarios: Scenario[] | null;
  readonly starts_at: Date;
  readonly ends_at: Date | null;
  readonly reason: string;
  readonly granted_by: string;
  readonly granted_at: Date;
  readonly ended_at: Date | null;
  readonly ended_by: string | null;
  readonly end_reason: string | null;
  readonly suspended_by: string | null;
  readonly task_models: number;
}

/** A shared line, or one version of it. */
export interface GrantedSubject {
  readonly modelId: string;
  readonly versionId: string | null;
  readonly tier: Tier;
  readonly state: VersionState | null;
  readonly supportEndsAt: Date | null;
}

const TASK_MODELS = `(select count(distinct c.model_id)::int from versions p join edges x on x.parent_id = p.id join versions c on c.id = x.child_id
    where p.model_id = e.model_id and x.institution_id = e.institution_id)`;
const SELECT = `
  select e.id, e.institution_id, i.slug as institution, e.model_id, e.version_id, e.subject, e.tier, e.rights, e.max_task_models, e.scenarios, e.starts_at,
    e.ends_at, e.reason, e.granted_by, e.granted_at, e.ended_at, e.ended_by, e.end_reason, e.suspended_by, ${TASK_MODELS} as task_models
  from entitlements e join institutions i on i.id = e.institution_id`;

/** As `entitlementState` says it, so that lists can be narrowed where they are read. */
const STATE = `case when e.ended_at is not null or e.ends_at <= now() then 'ended' when e.suspended_by is not null then 'suspended'
  when e.starts_at > now() then 'pending' else 'in_force' end`;

@Injectable()
export class EntitlementsRepository {
  async institution(tx: Tx, slug: string): Promise<{ readonly id: string } | null> {
    const [row] = await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
    return row ?? null;
  }

  /** What a request names, with its model locked against other grants of the same line. */
  async subject(tx: Tx, namespace: string, slug: string, number: number | null): Promise<GrantedSubject | null> {
    const [model] = await tx.query<{ id: string; tier: Tier }>(
      "select id, tier from models where namespace = $1 and slug = $2 for no key update",
      [namespace, slug],
    );
    if (model === undefined) return null;
    if (number === null) return { modelId: model.id, versionId: null, tier: model.tier, state: null, supportEndsAt: null };
    const [version] = await tx.query<{ id: string; state: VersionState; ends_at: Date | null }>(
      `select v.id, v.state, d.ends_at from versions v left join deprecations d on d.version_id = v.id where v.model_id = $1 and v.number = $2`,
      [model.id, number],
    );
    if (version === undefined) return null;
    return { modelId: model.id, versionId: version.id, tier: model.tier, state: version.state, supportEndsAt: version.ends_at };
  }

  /** What this institution has of the same subject and has not ended. */
  open(tx: Tx, institutionId: string, { modelId, versionId }: GrantedSubject) {
    return tx.query<{ id: string; startsAt: Date; endsAt: Date | null }>(
      `select id, starts_at as "startsAt", ends_at as "endsAt" from entitlements
       where institution_id = $1 and model_id = $2 and version_id is not distinct from $3 and ended_at is null`,
      [institutionId, modelId, versionId],
    );
  }

  async insert(
    tx: Tx,
    institutionId: string,
    { modelId, versionId, tier }: GrantedSubject,
    request: GrantEntitlement,
    startsAt: Date,
  ): Promise<string> {
    const id = newId("entitlement");
    await tx.query(
      `insert into entitlements (id, institution_id, model_id, version_id, subject, tier, rights, max_task_models, scenarios, starts_at, ends_at, reason,
         granted_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
      [
        id,
        institutionId,
        modelId,
        versionId,
        request.subject,
        tier,
        request.rights,
        request.maxTaskModels ?? null,
        request.scenarios ?? null,
        startsAt,
        request.endsAt ?? null,
        request.reason,
        tx.viewer.name,
      ],
    );
    return id;
  }

  async find(tx: Tx, institutionId: string, id: string): Promise<EntitlementRow | null> {
    const [row] = await tx.query<EntitlementRow>(`${SELECT} where e.id = $1 and e.institution_id = $2`, [id, institutionId]);
    return row ?? null;
  }

  /** One page, newest first. */
  list(tx: Tx, institutionId: string, state: EntitlementState | null, before: string | null, limit: number): Promise<EntitlementRow[]> {
    return tx.query<EntitlementRow>(
      `${SELECT} where e.institution_id = $1 and ($2::text is null or ${STATE} = $2) and ($3::text is null or e.id < $3)
       order by e.id desc limit $4`,
      [institutionId, state, before, limit],
    );
  }

  async count(tx: Tx, institutionId: string, state: EntitlementState | null): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from entitlements e where e.institution_id = $1 and ($2::text is null or ${STATE} = $2)`,
      [institutionId, state],
    );
    return row?.n ?? 0;
  }

  /** @returns whether it had not ended before */
  async end(tx: Tx, id: string, reason: string): Promise<boolean> {
    const rows = await tx.query(
      `update entitlements set ended_at = now(), ended_by = $2, end_reason = $3
       where id = $1 and ended_at is null and (ends_at is null or ends_at > now()) returning id`,
      [id, tx.viewer.name, reason],
    );
    return rows.length > 0;
  }

  /** Those that a recall takes with it: of versions that it recalled, and not suspended already. */
  suspend(tx: Tx, recallId: string, versionIds: readonly string[]): Promise<EntitlementRow[]> {
    return this.changed(
      tx,
      "update entitlements set suspended_by = $1 where version_id = any($2) and suspended_by is null and ended_at is null returning id",
      [recallId, versionIds],
    );
  }

  resume(tx: Tx, recallId: string): Promise<EntitlementRow[]> {
    return this.changed(tx, "update entitlements set suspended_by = null where suspended_by = $1 returning id", [recallId]);
  }

  private async changed(tx: Tx, update: string, values: readonly unknown[]): Promise<EntitlementRow[]> {
    const rows = await tx.query<{ id: string }>(update, values);
    const ids = rows.map(({ id }) => id);
    return ids.length === 0 ? [] : tx.query<EntitlementRow>(`${SELECT} where e.id = any($1) order by e.id`, [ids]);
  }

  /** Entitlements whose end comes near, with the step that was told last; locked, so that of two workers one tells. */
  ending(tx: Tx, now: Date, days: number, steps: number, limit: number): Promise<(EntitlementRow & { readonly told: number })[]> {
    return tx.query(
      `select s.*, e.told from (${SELECT}) s join entitlements e on e.id = s.id
       where e.ended_at is null and e.ends_at is not null and e.ends_at <= $1::timestamptz + make_interval(days => $2) and e.told < $3
         and e.starts_at <= $1 order by e.ends_at, e.id limit $4 for update of e skip locked`,
      [now, days, steps, limit],
    );
  }

  async setTold(tx: Tx, id: string, step: number): Promise<void> {
    await tx.query("update entitlements set told = $2 where id = $1", [id, step]);
  }

  /** Institutions that may use a line or stand on it, with what is in force. */
  async access(tx: Tx, modelId: string) {
    return tx.query<{ institution: string; rights: Right[]; ends_at: Date | null; task_models: number }>(
      `with granted as (
         select e.institution_id, array_agg(distinct r) as rights, case when bool_or(e.ends_at is null) then null else max(e.ends_at) end as ends_at
         from entitlements e, unnest(e.rights) r where e.model_id = $1 and entitlement_in_force(e) group by 1),
       standing as (
         select x.institution_id, count(distinct c.model_id)::int as task_models from versions p join edges x on x.parent_id = p.id
         join versions c on c.id = x.child_id where p.model_id = $1 and x.institution_id <> p.institution_id group by 1)
       select i.slug as institution, coalesce(g.rights, '{}') as rights, g.ends_at, coalesce(s.task_models, 0) as task_models
       from granted g full join standing s on s.institution_id = g.institution_id
       join institutions i on i.id = coalesce(g.institution_id, s.institution_id) order by i.slug`,
      [modelId],
    );
  }

  async setOpen(tx: Tx, modelId: string, isOpen: boolean): Promise<void> {
    await tx.query("update models set is_open = $2, updated_at = now() where id = $1", [modelId, isOpen]);
  }

  /** The line, locked. */
  async line(tx: Tx, namespace: string, slug: string) {
    const [row] = await tx.query<{ id: string; tier: Tier; institution_id: string; is_open: boolean }>(
      "select id, tier, institution_id, is_open from models where namespace = $1 and slug = $2 for no key update",
      [namespace, slug],
    );
    return row ?? null;
  }
}
