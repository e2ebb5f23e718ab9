import { Injectable } from "@nestjs/common";
import { type CurrentSchedulingPolicy, SchedulingPolicy, type SetSchedulingPolicy, type Violation } from "@ziggurat/contracts";
import { checkFloors } from "@ziggurat/scheduling";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { hasRole, type Viewer } from "../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { type PolicyRow, SchedulingRepository } from "./scheduling.repository.js";

/** How capacity is shared. The platform's people read it, its administrators set it; what was set stays as a revision. */
@Injectable()
export class SchedulingPolicies {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: SchedulingRepository,
  ) {}

  get(viewer: Viewer): Promise<CurrentSchedulingPolicy> {
    if (viewer.reach !== "platform") throw notYours("read by the platform's people");
    return this.unitOfWork.run(viewer, async (tx) => viewOf(await this.repository.policy(tx)));
  }

  /** @throws Refusal `denied`, `stale` when somebody set another one meanwhile, `rule` with everything that does not fit */
  set(viewer: Viewer, { policy, revision, reason }: SetSchedulingPolicy): Promise<CurrentSchedulingPolicy> {
    if (!hasRole(viewer, "platform_admin")) throw notYours("set by platform administrators");
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.repository.lock(tx);
      const now = await this.repository.policy(tx);
      if ((now?.revision ?? 0) !== revision) {
        const detail = `the policy is at revision ${now?.revision ?? 0}, not ${revision}`;
        throw new Refusal("stale", "The policy was changed meanwhile.", [{ code: "scheduling_changed", detail, pointer: "/revision" }]);
      }
      refuseIfAny([...checkFloors(policy.floors), ...(await this.unknown(tx, policy))]);
      await this.repository.insertPolicy(tx, revision + 1, policy, reason);
      await tx.audit({ institutionId: PLATFORM_ID, action: "scheduling.set", object: `revision ${revision + 1}`, reason, after: policy });
      return viewOf(await this.repository.policy(tx));
    });
  }

  private async unknown(tx: Tx, { weights, floors }: SchedulingPolicy): Promise<Violation[]> {
    const institutions = await this.repository.unknownInstitutions(tx, Object.keys(weights));
    const known = new Set((await tx.query<{ name: string }>("select name from clusters")).map(({ name }) => name));
    const clusters = [...new Set(floors.flatMap(({ cluster }) => (cluster === null || known.has(cluster) ? [] : [cluster])))];
    return [
      ...institutions.map((slug) => {
        const detail = `there is no institution ${slug}`;
        return { code: "institution_unknown", detail, pointer: `/policy/weights/${slug}` };
      }),
      ...clusters.map((name) => {
        const detail = `there is no cluster ${name}`;
        return { code: "cluster_unknown", detail, pointer: "/policy/floors" };
      }),
    ];
  }
}

export function notYours(done: string): Refusal {
  const detail = `needs the role platform_admin at ${PLATFORM_SLUG}`;
  return new Refusal("denied", `How capacity is shared is ${done}.`, [{ code: "role", detail }]);
}

function viewOf(row: PolicyRow | null): CurrentSchedulingPolicy {
  return {
    policy: row?.policy ?? SchedulingPolicy.parse({}),
    revision: row?.revision ?? 0,
    setBy: row?.set_by ?? null,
    setAt: row?.set_at.toISOString() ?? null,
    reason: row?.reason ?? null,
  };
}
