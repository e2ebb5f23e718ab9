import { Injectable } from "@nestjs/common";
import type { VersionState } from "@ziggurat/contracts";
import { type HoldOn, LIVE_STATES, type PurgeFacts, type Share } from "@ziggurat/pyramid";
import { auditDigest } from "../platform/database/audit-record.js";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { PurgeTarget } from "./purge-row.js";

/** Everything about a purge before it is decided. */
export interface PurgeCase {
  readonly facts: PurgeFacts;
  /** Whether a recall in force holds it and may give it back. */
  readonly isReturning: boolean;
  readonly files: number;
  readonly sizeBytes: number;
  readonly ownBytes: number;
  /** Changes when anything does that the decision looks at. */
  readonly graph: string;
}

/** The facts of a thing itself. */
export type OwnFacts = Omit<PurgeFacts, Dependents> & Pick<PurgeCase, "isReturning">;

type Dependents = "live" | "held" | "rollbacks" | "returning" | "drafts" | "jobs";

/** Things named for each reason at most. */
const NAMED = 3;

/** The same as for one version, asked of very many: the few holds are read once, not once for each. */
export const IS_HELD = `(v.id in (select h.version_id from legal_holds h where h.lifted_at is null and h.version_id is not null)
  or v.model_id in (select h.model_id from legal_holds h where h.lifted_at is null and h.model_id is not null)
  or v.institution_id in (select h.held_institution_id from legal_holds h where h.lifted_at is null and h.held_institution_id is not null))`;
/** What alias `a` pointed to last before what it points to now. */
export const BEFORE = `select h.version_id from alias_moves h where h.model_id = a.model_id and h.name = a.name and h.version_id <> a.version_id
  order by h.n desc limit 1`;
/** Whether a recall that may be lifted took version `v` from a state to which it would return. */
export const IS_RETURNING = `(v.state = 'recalled' and exists (select 1 from recall_items i
  where i.version_id = v.id and i.lifted_at is null and i.before_state <> 'recalled'))`;
/** When version `v` came into its state. */
export const STANDS_SINCE = "coalesce((select max(s.at) from version_states s where s.version_id = v.id), v.updated_at)";

/**
 * `reach`: by root, what descends from versions $1, or learnt from dataset versions $2 or was scored on them, with all that descends from what
 * learnt. The line closure answers for sealed versions; drafts lie on no line, and only their own parents are known.
 */
const REACH = `
  roots as materialized (
    select id as root, line_id, line_seq from versions where id = any($1) and line_id is not null
    union select u.dataset_version_id, v.line_id, v.line_seq from dataset_uses u join versions v on v.id = u.version_id
      where u.dataset_version_id = any($2) and v.line_id is not null),
  below as materialized (
    select root, line_id, min(k) as k from (
      select r.root, c.line_id, c.min_seq as k from roots r join line_closure c on c.anc_line = r.line_id and c.anc_seq >= r.line_seq
      union all select root, line_id, line_seq from roots) hit group by root, line_id),
  reach as materialized (
    select b.root, v.id from below b join versions v on v.line_id = b.line_id and v.line_seq >= b.k where v.id <> b.root
    union select e.parent_id, e.child_id from edges e where e.parent_id = any($1)
    union select e.dataset_version_id, e.version_id from evaluations e where e.dataset_version_id = any($2)),
  members as materialized (select distinct id from reach)`;

/** What each of them is, and whether it is the viewer's own or shared. */
const CLASSED = `
  pointed as materialized (
    select a.version_id from aliases a where a.model_id in (select v.model_id from members r join versions v on v.id = r.id)
    union select (${BEFORE}) from aliases a where a.model_id in (select v.model_id from members r join versions v on v.id = r.id)),
  classed as materialized (
    select v.id, v.state, m.namespace || '/' || m.slug || '@' || v.number as ref, v.institution_id in ($3, $4) as is_own, k.*
    from members r join versions v on v.id = r.id join models m on m.id = v.model_id
      left join tombstones t on t.version_id = v.id
      cross join lateral (select
        v.state = any($5) as live,
        ${IS_HELD} as held,
        t.id is null and v.id in (select version_id from pointed) as rollbacks,
        t.id is null and (v.state = 'quarantined' or ${IS_RETURNING}) as returning,
        t.id is null and v.state = 'draft' as drafts) k),
  users as materialized (select id as root, id from unnest($1::text[]) asked (id) union select root, id from reach where root = any($1)),
  busy as materialized (
    select u.root, j.id, j.state, j.id as ref, j.institution_id in ($3, $4) as is_own from users u join jobs j on j.parent_version_id = u.id
      where j.state not in ('succeeded', 'failed', 'cancelled')
    union select d.dataset_version_id, j.id, j.state, j.id, j.institution_id in ($3, $4) from job_datasets d join jobs j on j.id = d.job_id
      where d.dataset_version_id = any($2) and j.state not in ('succeeded', 'failed', 'cancelled'))`;

/** Reads what stands on versions or dataset versions, and what keeps them. Never a walk down the edges. */
@Injectable()
export class PurgeFactsRepository {
  async of(tx: Tx, target: PurgeTarget): Promise<PurgeCase> {
    const found = (await this.ofAll(tx, [target])).get(target.id);
    if (found === undefined) throw new Error(`${target.id} cannot be read.`);
    return found;
  }

  /** By id; what is not there is missing. */
  async ofAll(tx: Tx, targets: readonly PurgeTarget[]): Promise<Map<string, PurgeCase>> {
    const kinds = idsByKind(targets);
    const subjects = await this.subjects(tx, kinds);
    const dependents = await this.dependents(tx, kinds);
    const contents = await this.contents(tx, kinds);
    return new Map(
      targets.flatMap((target): [string, PurgeCase][] => {
        const subject = subjects.find(({ id }) => id === target.id);
        if (subject === undefined) return [];
        const { shares, marks } = dependents(target.id);
        const facts: PurgeFacts = { ...factsOf(subject), ...shares };
        const content = contents(target.id);
        const graph = auditDigest({ target, facts, content, reach: marks });
        return [[target.id, { facts, isReturning: subject.is_returning, ...content, graph }]];
      }),
    );
  }

  /** What each says itself, without what stands on it; by id. */
  async ownOf(tx: Tx, targets: readonly PurgeTarget[]): Promise<Map<string, OwnFacts>> {
    const rows = await this.subjects(tx, idsByKind(targets));
    return new Map(rows.map((row) => [row.id, { ...factsOf(row), isReturning: row.is_returning }]));
  }

  private subjects(tx: Tx, { versions, datasets }: Kinds): Promise<SubjectRow[]> {
    return tx.query<SubjectRow>(SUBJECTS, [versions, datasets]);
  }

  private async dependents(tx: Tx, { versions, datasets }: Kinds) {
    const rows = await tx.query<Share & { readonly root: string; readonly reason: Dependents; readonly mark: string }>(
      `with ${REACH}, ${CLASSED}, listed as (
         select r.root, k.reason, c.id, c.state, c.ref, c.is_own from reach r join classed c on c.id = r.id cross join lateral (values
           ('live', c.live), ('held', c.held), ('rollbacks', c.rollbacks), ('returning', c.returning), ('drafts', c.drafts)) k (reason, applies)
         where k.applies
         union all select root, 'jobs', id, state, ref, is_own from busy)
       select root, reason, count(*) filter (where is_own)::int as own, count(*) filter (where not is_own)::int as others,
         coalesce((array_agg(ref order by ref) filter (where is_own))[1:${NAMED}], '{}') as named,
         sum(hashtextextended(id || state, 0))::text as mark
       from listed group by root, reason order by root, reason`,
      [versions, datasets, tx.viewer.institutionId, PLATFORM_ID, LIVE_STATES],
    );
    return (root: string) => {
      const mine = rows.filter((row) => row.root === root);
      const share = (reason: Dependents): Share => {
        const found = mine.find((row) => row.reason === reason);
        return { own: found?.own ?? 0, others: found?.others ?? 0, named: found?.named ?? [] };
      };
      const shares = {
        live: share("live"),
        held: share("held"),
        rollbacks: share("rollbacks"),
        returning: share("returning"),
        drafts: share("drafts"),
        jobs: share("jobs"),
      };
      return { shares, marks: mine.map(({ reason, mark }) => ({ reason, mark })) };
    };
  }

  /** The bytes that would be let go of; own are those that nothing else the viewer may see has too. */
  private async contents(tx: Tx, { versions, datasets }: Kinds) {
    const rows = await tx.query<ContentRow>(CONTENTS, [versions, datasets]);
    return (id: string) => {
      const row = rows.find((one) => one.id === id);
      return {
        files: row?.files ?? 0,
        sizeBytes: Number(row?.size_bytes ?? 0),
        ownBytes: Number(row?.own_bytes ?? 0),
        digest: row?.digest ?? null,
      };
    };
  }
}

interface SubjectRow {
  readonly id: string;
  readonly state: VersionState | null;
  readonly is_purged: boolean;
  readonly is_returning: boolean;
  readonly since: Date;
  readonly holds: HoldOn[];
  readonly aliases: string[];
  readonly rollback_of: string[];
}
interface ContentRow {
  readonly id: string;
  readonly files: number;
  readonly size_bytes: string;
  readonly own_bytes: string;
  readonly digest: string;
}
interface Kinds {
  readonly versions: readonly string[];
  readonly datasets: readonly string[];
}

function idsByKind(targets: readonly PurgeTarget[]): Kinds {
  const ids = (wanted: PurgeTarget["kind"]) => targets.filter(({ kind }) => kind === wanted).map(({ id }) => id);
  return { versions: ids("version"), datasets: ids("dataset") };
}

function factsOf({ state, is_purged, since, holds, aliases, rollback_of }: SubjectRow) {
  return { state, isPurged: is_purged, since, holds, aliases, rollbackOf: rollback_of };
}

const HOLDS = `coalesce((select jsonb_agg(jsonb_build_object('id', h.id, 'kind', case when h.version_id is not null then 'version'
    when h.model_id is not null then 'model' when h.dataset_version_id is not null then 'dataset' else 'institution' end) order by h.id)
  from legal_holds h where h.lifted_at is null and `;

const SUBJECTS = `
  select v.id, v.state, exists (select 1 from tombstones t where t.version_id = v.id) as is_purged, ${IS_RETURNING} as is_returning,
    ${STANDS_SINCE} as since,
    ${HOLDS} (h.version_id = v.id or h.model_id = v.model_id or h.held_institution_id = v.institution_id)), '[]') as holds,
    array(select a.name from aliases a where a.version_id = v.id order by 1) as aliases,
    array(select a.name from aliases a where a.model_id = v.model_id and a.version_id <> v.id and v.id = (${BEFORE}) order by 1) as rollback_of
  from versions v where v.id = any($1)
  union all
  select d.id, null, exists (select 1 from tombstones t where t.dataset_version_id = d.id), false, d.created_at,
    ${HOLDS} (h.dataset_version_id = d.id or h.held_institution_id = d.institution_id)), '[]'), '{}', '{}'
  from dataset_versions d where d.id = any($2)`;

const CONTENTS = `
  with listed as materialized (
    select version_id as id, path, sha256, size_bytes from version_files where version_id = any($1)
    union all select id, 'rows', stored_sha256, size_bytes from dataset_versions where id = any($2) and stored_sha256 is not null),
  apart as (select distinct id, sha256, size_bytes from listed),
  own as (select a.id, sum(a.size_bytes) as bytes from apart a
    where not exists (select 1 from version_files f where f.sha256 = a.sha256 and f.version_id <> a.id)
      and not exists (select 1 from dataset_versions d where d.stored_sha256 = a.sha256 and d.id <> a.id)
      and not exists (select 1 from evaluations e where e.items_sha256 = a.sha256) group by a.id)
  select l.id, count(*)::int as files, sum(l.size_bytes) as size_bytes, coalesce(max(o.bytes), 0) as own_bytes,
    encode(sha256(convert_to(string_agg(l.path || ' ' || l.sha256, ',' order by l.path), 'UTF8')), 'hex') as digest
  from listed l left join own o on o.id = l.id group by l.id`;
