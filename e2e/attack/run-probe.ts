import type { Attacker } from "./attackers.js";
import { difference, masked, unasked } from "./compare.js";
import type { Marks } from "./contents.js";
import { FRESH, freshened } from "./fresh.js";
import type { Probe } from "./probe.js";
import { type Answer, send } from "./send.js";

export interface Outcome {
  /** What is told of a leak; null when there is none. */
  readonly leak: string | null;
  /** Whether the request came as far as the thing it names: past its schema, its sender and their scope. */
  readonly hasReached: boolean;
}

/** Sends both requests of a probe and compares the answers byte by byte. */
export async function runProbe(url: string, probe: Probe, attacker: Attacker, marks: Marks): Promise<Outcome> {
  const isChange = probe.operation.method !== "GET" && probe.operation.method !== "HEAD";
  const answered = async (side: "theirs" | "absent") => {
    const { request, fresh } = freshened(probe[side]);
    const answer = await send(url, request, attacker.token);
    return {
      answer,
      own: unasked(answer, request),
      masked: masked(answer, request.path, [...probe.named[side], ...(probe[side].body?.includes(FRESH) ? [fresh] : [])], isChange),
    };
  };
  const theirs = await answered("theirs");
  const absent = await answered("absent");
  const differs = difference(theirs.masked, absent.masked);
  // Alike or not: what masking takes out of both, such as the ids of what was made, must not be the neighbour's.
  const says = marks.find(theirs.own) ?? marks.find(absent.own);
  const what = [differs, says === null ? null : `it holds ${JSON.stringify(says)}, which was not asked for`].filter(
    (text) => text !== null,
  );
  return { leak: what.length === 0 ? null : tell(probe, attacker, what.join("; ")), hasReached: hasReached(theirs.answer) };
}

export function tell({ operation, position }: Pick<Probe, "operation" | "position">, attacker: Attacker, what: string): string {
  return `LEAK ${operation.method} ${operation.path} (${operation.id}) at ${position} as ${attacker.name}: ${what}`;
}

function hasReached({ status, body }: Answer): boolean {
  return ![400, 415, 429].includes(status) && !/"code":"(unauthenticated|insufficient_scope)"/.test(body);
}
