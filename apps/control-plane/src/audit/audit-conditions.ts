import { AUDIT_ACTIONS, type AuditFilter } from "@ziggurat/contracts";
import { firstIdAt } from "../platform/database/ids.js";
import type { Viewer } from "../platform/database/viewer.js";

/** An entry's id is made just before its time is read; clocks are not trusted further than this. */
export const SLACK_MS = 60_000;

/** A filter as the columns see it; null where it does not narrow. */
export interface AuditConditions {
  readonly institutionId: string | null;
  readonly actions: readonly string[] | null;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly object: string | null;
  /** Bounds on the id, which is made of the time, so that the primary key serves a span of time. */
  readonly firstId: string | null;
  readonly lastId: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Stands somewhere in object, reason or name, in any case. */
  readonly text: string | null;
}

/** @param institutionId of the chain that the filter names, null without one */
export function conditionsOf(viewer: Viewer, filter: AuditFilter, institutionId: string | null): AuditConditions {
  const actor = filter["filter[actor]"] ?? null;
  const isId = actor !== null && (actor === "system" || /^usr_[0-9a-f]{32}$/.test(actor));
  const [from, to] = [filter["filter[from]"] ?? null, filter["filter[to]"] ?? null];
  return {
    // Row-level security says the same; said here too, an index can begin with it.
    institutionId: institutionId ?? (viewer.reach === "tenant" ? viewer.institutionId : null),
    actions: actionsOf(filter["filter[action]"]),
    actorId: isId ? actor : null,
    actorName: isId ? null : actor,
    object: filter["filter[object]"] ?? null,
    firstId: from === null ? null : firstIdAt("audit", Date.parse(from) - SLACK_MS),
    lastId: to === null ? null : firstIdAt("audit", Date.parse(to) + SLACK_MS),
    from,
    to,
    text: filter["filter[text]"] ?? null,
  };
}

/** SQL over `e` with the parameters it needs, numbered from 1; the list of actions is left to the caller. */
export function whereOf(conditions: Omit<AuditConditions, "actions">): { readonly sql: string; readonly values: readonly unknown[] } {
  const pairs: readonly (readonly [before: string, value: unknown, after?: string])[] = [
    ["e.institution_id = ", conditions.institutionId],
    ["e.actor_id = ", conditions.actorId],
    ["e.actor_name = ", conditions.actorName],
    ["e.object = ", conditions.object],
    ["e.id >= ", conditions.firstId],
    ["e.id < ", conditions.lastId],
    ["e.at >= ", conditions.from],
    ["e.at <= ", conditions.to],
    ["0 < strpos(lower(e.object || ' ' || e.reason || ' ' || e.actor_name), lower(", conditions.text, "))"],
  ];
  const given = pairs.filter(([, value]) => value !== null);
  const sql = given.map(([before, , after = ""], index) => `${before}$${index + 1}${after}`).join(" and ");
  return { sql: sql === "" ? "true" : sql, values: given.map(([, value]) => value) };
}

/** `job` stands for all of `job.…`. Spelled out, since a prefix cannot be looked up under row-level security, but equal words can. */
function actionsOf(action: string | undefined): readonly string[] | null {
  if (action === undefined) return null;
  return [action, ...AUDIT_ACTIONS.filter((known) => known.startsWith(`${action}.`))];
}
