import { admit } from "../admission/admit.js";
import type { Situation } from "../admission/situation.js";

/** Who decides in a simulation. */
export interface Policy {
  readonly name: string;
  readonly decide: (situation: Situation) => Decided;
}

export interface Decided {
  readonly starts: readonly { readonly id: string; readonly cluster: string; readonly pool: string }[];
  /** Ids of runs that are to save and stop. */
  readonly yields: readonly string[];
}

/** The platform's own admission. */
export const ourAdmission: Policy = {
  name: "fair",
  decide(situation) {
    const { decisions, yields } = admit(situation);
    return {
      starts: decisions.flatMap(({ job, start }) => (start === null ? [] : [{ id: job.id, cluster: start.cluster, pool: start.pool }])),
      yields: yields.map(({ runId }) => runId),
    };
  },
};
