import type { Attacker } from "./attackers.js";
import { difference, masked } from "./compare.js";
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
      masked: masked(answer, request.path, [...probe.named[side], ...(probe[side].body?.includes(FRESH) ? [fresh] : [])], isChange),
    };
  };
  const { answer, masked: one } = await answered("theirs");
  const { masked: other } = await answered("absent");
  const differs = difference(one, other);
  // What both repeat of the request's other parts is the attacker's own saying.
  const says = differs === null ? null : marks.find(one.body);
  return {
    leak: differs === null ? null : tell(probe, attacker, `${differs}${says === null ? "" : `; it holds ${JSON.stringify(says)}`}`),
    hasReached: hasReached(answer),
  };
}

export function tell({ operation, position }: Pick<Probe, "operation" | "position">, attacker: Attacker, what: string): string {
  return `LEAK ${operation.method} ${operation.path} (${operation.id}) at ${position} as ${attacker.name}: ${what}`;
}

function hasReached({ status, body }: Answer): boolean {
  return ![400, 415, 429].includes(status) && !/"code":"(unauthenticated|insufficient_scope)"/.test(body);
}
