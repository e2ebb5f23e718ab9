import { type CreateJobInput, JOB_KINDS, METHODS, METHODS_OF_KIND, type Method, type Violation } from "@ziggurat/contracts";
import { z } from "zod";

export const STEPS = ["task", "base", "data", "method", "plan", "review"] as const;
export type Step = (typeof STEPS)[number];

const FieldValue = z.union([z.string(), z.boolean(), z.array(z.string())]);
export type FieldValue = z.infer<typeof FieldValue>;

/** A request being written: the form's own values, as text, kept in the session until it is sent. */
export const Draft = z.object({
  kind: z.enum(JOB_KINDS),
  model: z.string(),
  parent: z.string(),
  datasets: z.array(z.string()),
  evaluateOn: z.array(z.string()),
  method: z.enum(METHODS),
  /** By method, so that looking at another one loses nothing. */
  hyperparameters: z.partialRecord(z.enum(METHODS), z.record(z.string(), FieldValue)),
  seed: z.string(),
  reason: z.string(),
  /** One per wording of the request: sent twice, it makes one job. */
  idempotencyKey: z.string(),
});
export type Draft = z.infer<typeof Draft>;

export function emptyDraft(model: string, idempotencyKey: string): Draft {
  return {
    kind: "tune",
    model,
    parent: "",
    datasets: [],
    evaluateOn: [],
    method: "lora",
    hyperparameters: {},
    seed: "1",
    reason: "",
    idempotencyKey,
  };
}

/** A changed draft is another request, and so has another key. Choosing a kind keeps the method where it fits. */
export function changeDraft(draft: Draft, patch: Partial<Omit<Draft, "idempotencyKey">>, idempotencyKey: string): Draft {
  const next = { ...draft, ...patch, idempotencyKey };
  const methods = METHODS_OF_KIND[next.kind];
  return methods.includes(next.method) ? next : { ...next, method: methods[0] ?? next.method };
}

/** The very request a draft stands for; `hyperparameters` holds only what the person chose, the tier fills in the rest. */
export function requestOf(
  draft: Draft,
  toValue: (method: Method, name: string, value: FieldValue) => z.core.util.JSONType | undefined,
): CreateJobInput {
  const chosen = Object.entries(draft.hyperparameters[draft.method] ?? {}).flatMap(([name, value]) => {
    const typed = toValue(draft.method, name, value);
    return typed === undefined ? [] : [[name.split("."), typed] as const];
  });
  const seed = Number(draft.seed);
  return {
    kind: draft.kind,
    model: draft.model,
    ...(draft.parent === "" ? {} : { parent: draft.parent }),
    datasets: draft.datasets,
    evaluateOn: draft.kind === "evaluate" ? [] : draft.evaluateOn,
    method: draft.method,
    hyperparameters: nested(chosen),
    seed: draft.seed.trim() === "" || !Number.isFinite(seed) ? 1 : seed,
    reason: draft.reason,
  };
}

type Json = z.core.util.JSONType;

function nested(entries: readonly (readonly [readonly string[], Json])[]): Record<string, Json> {
  const heads = [...new Set(entries.map(([path]) => path[0] ?? ""))];
  return Object.fromEntries(
    heads.map((head): [string, Json] => {
      const below = entries.filter(([path]) => path[0] === head);
      const own = below.find(([path]) => path.length === 1);
      return [head, own ? own[1] : nested(below.map(([path, value]) => [path.slice(1), value]))];
    }),
  );
}

const STEP_OF_FIELD: Readonly<Record<string, Step>> = {
  kind: "task",
  model: "task",
  parent: "base",
  datasets: "data",
  evaluateOn: "data",
  method: "method",
  hyperparameters: "method",
  seed: "method",
  reason: "review",
};

/** Step whose page shows the field a violation points at; one that points nowhere belongs to the plan. */
export function stepOf(violation: Violation): Step {
  return STEP_OF_FIELD[violation.pointer?.split("/")[1] ?? ""] ?? "plan";
}

const STORE = "ziggurat.new-job";

/** The draft kept in this tab, if it still reads as one. */
export function keptDraft(store: Storage): Draft | null {
  try {
    const parsed = Draft.safeParse(JSON.parse(store.getItem(STORE) ?? "null"));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export function keepDraft(store: Storage, draft: Draft | null): void {
  try {
    if (draft) store.setItem(STORE, JSON.stringify(draft));
    else store.removeItem(STORE);
  } catch {
    return;
  }
}
