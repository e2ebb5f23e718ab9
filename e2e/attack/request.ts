import { buildBody, merge, pointerOf, putAt, type Step } from "./body.js";
import { FRESH } from "./fresh.js";
import { hints, openBodies } from "./hints.js";
import { firstOf, type Holdings } from "./holdings.js";
import { isAttacked, type Kind, kindOf } from "./kinds.js";
import type { Operation, Schema } from "./open-api.js";
import { type Slot, slotsOf } from "./slots.js";

/** A request before it is written out: what stands at which place. */
export interface Draft {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A request as it goes over the wire. */
export interface Request {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/**
 * The smallest request that `own` could mean.
 * @param towards a place of the body that must be there
 */
export function draftOf(operation: Operation, own: Holdings, towards: readonly Step[] = []): Draft {
  const slots = slotsOf(operation);
  let draft: Draft = { operation, path: {}, query: {}, headers: {}, body: bodyOf(operation, own, towards) };
  for (const slot of slots) {
    if (slot.in === "path" || (slot.in === "query" && slot.required)) draft = withValue(draft, slot, valueFor(slot.kind, slot.schema, own));
  }
  return draft;
}

function bodyOf(operation: Operation, own: Holdings, towards: readonly Step[]): unknown {
  if (operation.body === null) return undefined;
  const fill = (schema: Schema, name: string) => {
    const kind = kindOf(schema, { in: "body", name, path: operation.path });
    return kind === "anything" ? {} : valueFor(kind, schema, own);
  };
  const open = openBodies[operation.id];
  const body = open === undefined ? buildBody(operation.body, towards, fill) : open.body(own);
  return merge(body, hints[operation.id]?.(own, pointerOf(towards)));
}

/** A value as good as any at a place that must have one. */
function valueFor(kind: Kind, schema: Schema, own: Holdings): unknown {
  return isAttacked(kind) && kind !== "newSlug" ? firstOf(own, kind) : plainValue(kind, schema);
}

function plainValue(kind: Kind, schema: Schema): unknown {
  if (kind === "newSlug") return `attack-${FRESH}`;
  if (kind === "words") return "a long enough text";
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.format === "date-time") return new Date().toISOString();
  if (schema.format === "uri") return "http://127.0.0.1:9/";
  if (schema.type === "boolean") return false;
  if (schema.type === "null") return null;
  return schema.minimum ?? 1;
}

/** The draft with `value` at the place. References are spread over the path's parameters. */
export function withValue(draft: Draft, slot: Slot, value: unknown): Draft {
  if (slot.in === "body") return { ...draft, body: putAt(draft.body, slot.steps, value) };
  const text = String(value);
  if (slot.in === "query") return { ...draft, query: { ...draft.query, [slot.name]: text } };
  const [, namespace = "", slug = "", number = ""] = /^([^/]*)\/([^@]*)(?:@(\d+))?$/.exec(text) ?? [];
  const parts: Readonly<Record<string, string>> = slot.names.length === 1 ? { [slot.names[0] ?? ""]: text } : { namespace, slug, number };
  return { ...draft, path: { ...draft.path, ...Object.fromEntries(slot.names.map((name) => [name, parts[name] ?? ""])) } };
}

export const withHeader = (draft: Draft, name: string, value: string): Draft => ({
  ...draft,
  headers: { ...draft.headers, [name]: value },
});

export function written({ operation, path, query, headers, body }: Draft): Request {
  const filled = operation.path.replace(/\{([^}]*)\}/g, (_, name: string) =>
    (path[name] ?? "").split("/").map(encodeURIComponent).join("/"),
  );
  const search = new URLSearchParams(query).toString();
  return {
    method: operation.method,
    path: search === "" ? filled : `${filled}?${search}`,
    headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  };
}
