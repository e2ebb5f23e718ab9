import { Inject, Injectable } from "@nestjs/common";
import type { CreateJob, Job, Plan, Violation } from "@ziggurat/contracts";
import { checkTune, methodOf, resolveHyperparameters, whyNot } from "@ziggurat/pyramid";
import { checkResources, unitsOf, waitsForApproval } from "@ziggurat/scheduling";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { type JobWant, QuotaGuard } from "../../quotas/quota-guard.service.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../../registry/pyramid.js";
import type { FoundRelease } from "../../registry/versions/releases.js";
import { ClusterStates } from "../../scheduling/cluster-states.repository.js";
import { JobViews } from "../job-views.js";
import { JobsRepository } from "../jobs.repository.js";
import { needsApproval } from "../needs-approval.js";
import { storesResult } from "../stores-result.js";
import { estimateOf, type Rates, RecentRates } from "./estimates.js";
import { type FoundDataset, type FoundModel, TuneFactsRepository } from "./tune-facts.repository.js";

interface Claim {
  readonly model: FoundModel;
  readonly parent: FoundRelease | null;
  readonly datasets: ReadonlyMap<string, FoundDataset>;
  readonly violations: readonly Violation[];
}

/** Asks the rules about a job, and writes it when none stands in the way. */
@Injectable()
export class JobRequests {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly facts: TuneFactsRepository,
    private readonly rates: RecentRates,
    private readonly jobs: JobsRepository,
    private readonly views: JobViews,
    private readonly quota: QuotaGuard,
    private readonly clusters: ClusterStates,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** What would happen, and every rule in the way. Writes nothing. */
  async plan(viewer: Viewer, request: CreateJob): Promise<Plan> {
    const rates = await this.rates.of(request.kind);
    return this.unitOfWork.run(viewer, async (tx) => {
      const claim = await this.claim(tx, request);
      const estimate = this.estimate(request, claim, rates);
      const { cost, quota, violations } = await this.quota.look(tx, claim.model.institutionId, wantOf(request, estimate));
      return {
        estimate,
        needsApproval: needsApproval(this.pyramid[claim.model.tier], request.kind),
        violations: [...claim.violations, ...violations],
        cost,
        quota,
      };
    });
  }

  /**
   * @throws Refusal `rule` with every violation at once, `denied` when the viewer may not ask for jobs of this line, `limited` when the
   * institution's quota has no room for it
   */
  async request(viewer: Viewer, request: CreateJob): Promise<Job> {
    const rates = await this.rates.of(request.kind);
    return this.unitOfWork.run(viewer, async (tx) => {
      const claim = await this.claim(tx, request);
      refuseIfAny(claim.violations);
      const estimate = this.estimate(request, claim, rates);
      await this.quota.admitJob(tx, claim.model.institutionId, wantOf(request, estimate));
      const id = await this.insert(tx, request, claim, estimate);
      const row = await this.jobs.find(tx, id);
      const [job] = row === null ? [] : await this.views.of(tx, [row]);
      if (job === undefined) throw new Error(`Job ${id} is not visible to who asked for it.`);
      await tx.audit({
        institutionId: claim.model.institutionId,
        action: "job.request",
        object: id,
        reason: request.reason,
        after: request,
      });
      if (job.state === "queued") await tx.enqueue("job.advance", { jobId: job.id });
      return job;
    });
  }

  private async claim(tx: Tx, request: CreateJob): Promise<Claim> {
    const model = await this.facts.model(tx, request.model);
    if (model === null) {
      const detail = `there is no model ${request.model} that you can see`;
      throw new Refusal("rule", detail, [{ code: "model_unknown", detail, pointer: "/model" }]);
    }
    const policy = this.pyramid[model.tier];
    const denied = whyNot(policy, viewerFacts(tx.viewer), model.owner, "contribute");
    if (denied !== null) throw new Refusal("denied", `Asking for jobs of ${model.ref} ${denied}.`);
    const parent = request.parent === undefined ? null : await this.facts.release(tx, request.parent);
    const datasets = await this.facts.datasets(tx, [...request.datasets, ...request.evaluateOn]);
    const clusters = await this.clusters.all(tx, new Date());
    const violations = [...checkTune(policy, { request, model, parent, datasets }), ...checkResources(request, clusters)];
    return { model, parent, datasets, violations };
  }

  private estimate(request: CreateJob, { model, parent, datasets }: Claim, rates: Rates): Plan["estimate"] {
    const resolved = this.resolve(request, model);
    if (resolved === null) return null;
    const known = request.datasets.flatMap((ref) => datasets.get(ref) ?? []);
    return estimateOf({ kind: request.kind, ...resolved, parentParameters: parent?.parameters ?? null, datasets: known }, rates);
  }

  /** Method and complete hyperparameters, or null when the request has neither. */
  private resolve(request: CreateJob, model: FoundModel) {
    const method = methodOf(request.kind, request.method);
    if (method === null) return null;
    const checked = resolveHyperparameters(this.pyramid[model.tier], method, request.hyperparameters);
    return checked.ok ? { method, hyperparameters: checked.values } : null;
  }

  private insert(tx: Tx, request: CreateJob, { model, parent, datasets }: Claim, estimate: Plan["estimate"]): Promise<string> {
    const resolved = this.resolve(request, model);
    if (resolved === null) throw new Error("A request without violations has its method and hyperparameters.");
    const policy = this.pyramid[model.tier];
    const asks = needsApproval(policy, request.kind);
    const idsOf = (refs: readonly string[]) => refs.flatMap((ref) => datasets.get(ref)?.id ?? []);
    return this.jobs.insert(tx, {
      institutionId: model.institutionId,
      modelId: model.id,
      kind: request.kind,
      ...resolved,
      tier: model.tier,
      parentVersionId: parent?.id ?? null,
      parentDigest: parent?.rootDigest ?? null,
      seed: request.seed,
      reason: request.reason,
      needsApproval: asks,
      requestedBy: { id: tx.viewer.userId, name: tx.viewer.name },
      orderedBy: null,
      estimate,
      priority: request.priority,
      resources: request.resources,
      window: request.window ?? null,
      maxSeconds: request.maxSeconds ?? null,
      maxCost: request.maxCost ?? null,
      waiting: asks ? [waitsForApproval((policy.jobApprovers ?? []).join(", "))] : [],
      datasets: idsOf(request.datasets),
      evaluateOn: idsOf(request.evaluateOn),
    });
  }
}

function wantOf({ kind, resources }: CreateJob, estimate: Plan["estimate"]): JobWant {
  return { estimate, places: unitsOf(resources), storesResult: storesResult(kind) };
}
