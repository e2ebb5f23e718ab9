import { RunEvent, type Violation } from "@ziggurat/contracts";

export type CheckedRunEvent =
  | { readonly ok: true; readonly event: RunEvent }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/** Escapes that JSON knows and no database text can hold: NUL and unpaired surrogates. */
const UNSTORABLE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Levels of an event at most; facets of real clients have a handful. */
const MOST_LEVELS = 64;

/** Whether a body is an OpenLineage RunEvent. Every reason names the job it speaks of, since a batch holds many. */
export function checkRunEvent(body: Readonly<Record<string, unknown>>): CheckedRunEvent {
  const about = jobOf(body);
  if (isDeeperThan(body, MOST_LEVELS)) {
    return { ok: false, violations: [{ code: "event_invalid", detail: `${about}: it is nested too deeply`, pointer: "" }] };
  }
  const parsed = RunEvent.safeParse(body);
  if (parsed.success && UNSTORABLE.test(JSON.stringify(body))) {
    return { ok: false, violations: [{ code: "event_invalid", detail: `${about}: it holds NUL or half a character`, pointer: "" }] };
  }
  if (parsed.success) return { ok: true, event: parsed.data };
  const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.map(String), message }));
  const runFaults = faults.filter(({ path }) => path[0] === "run");
  const others = faults.filter(({ path }) => path[0] !== "run");
  return {
    ok: false,
    violations: [
      ...runFaults.map(({ path }) => runViolation(about, path)),
      ...others.map(({ path, message }) => ({
        code: "event_invalid",
        detail: `${about}: ${path.join(".")}: ${message}`,
        pointer: pointerOf(path),
      })),
    ],
  };
}

function runViolation(about: string, path: readonly string[]): Violation {
  const isId = path.length === 1 || path[1] === "runId";
  return isId
    ? { code: "run_id_required", detail: `${about}: the event names no run; run.runId must be a UUID`, pointer: "/run/runId" }
    : { code: "event_invalid", detail: `${about}: ${path.join(".")} is not as the specification describes it`, pointer: pointerOf(path) };
}

function jobOf({ job }: Readonly<Record<string, unknown>>): string {
  if (typeof job !== "object" || job === null) return "an event without a job";
  const { namespace, name } = { namespace: "?", name: "?", ...job };
  return `job ${String(namespace).slice(0, 200)}/${String(name).slice(0, 200)}`;
}

function pointerOf(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Level by level and not by recursion, which the deepest of bodies would exhaust. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}
