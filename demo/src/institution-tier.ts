import { ensureModel, pointAlias, releaseVersion } from "@ziggurat/client";
import { type CreateModelInput, paths, Version } from "@ziggurat/contracts";
import type { InstitutionCast } from "./cast.js";
import { type NewDataset, publishDataset } from "./datasets.js";
import { approveIfAsked, evaluationsOf, followJob, requestJob } from "./follow-job.js";
import { EVALUATION, type Recipe } from "./recipes.js";
import type { BuiltTask } from "./report.js";
import { sealedVersion } from "./shared-tiers.js";
import type { ProgressBoard } from "./show/progress.js";

/** What an institution wants its model to learn, and how it will be judged. */
export interface TaskPlan {
  readonly model: CreateModelInput;
  readonly train: NewDataset;
  readonly heldOut: NewDataset;
  readonly recipe: Recipe;
  readonly seed: number;
}

/**
 * Tunes an institution's model as its people would: the admin registers the line, a member brings the data and asks for the job and for
 * the parent's score on the same rows, the admin approves; a version that beats its parent is handed in by the member, and released by the admin, who is the reviewer as well, as champion.
 */
export async function buildTask(institution: InstitutionCast, board: ProgressBoard, parent: string, plan: TaskPlan): Promise<BuiltTask> {
  const { admin, member, slug } = institution;
  const model = await ensureModel(admin, plan.model);
  const train = await publishDataset(member, board, plan.train);
  const heldOut = await publishDataset(member, board, plan.heldOut);

  const tune = await requestJob(member, {
    kind: "tune",
    model,
    parent,
    method: plan.recipe.method,
    datasets: [train],
    evaluateOn: [heldOut],
    hyperparameters: plan.recipe.hyperparameters,
    seed: plan.seed,
    reason: "the demo's task model",
  });
  await approveIfAsked(admin, tune, "within the demo's purpose");
  const score = await requestJob(member, {
    kind: "evaluate",
    model,
    parent,
    datasets: [heldOut],
    hyperparameters: { ...EVALUATION },
    seed: plan.seed,
    reason: "what the parent makes of the same rows",
  });
  await approveIfAsked(admin, score, "needed for the comparison");

  const [job, parentJob] = await Promise.all([
    followJob(member, tune.id, board.task(`tune ${slug} (${plan.recipe.method})`)),
    followJob(member, score.id, board.task(`score parent for ${slug}`)),
  ]);
  const evaluations = await evaluationsOf(member, job.evaluationJobs);
  const parentEvaluations = await evaluationsOf(member, [parentJob.id]);
  const released = await releaseVersion(member, admin, sealedVersion(job), "beats its parent on held-out rows");
  await pointAlias(admin, model, "champion", released.number, "newest release of the demo");
  return { version: await member.get(Version, paths.version(released.ref)), job, evaluations, heldOut, parentEvaluations, parentJob };
}
