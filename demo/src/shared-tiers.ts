import { type Api, ensureModel, pointAlias, releaseVersion } from "@ziggurat/client";
import { type CreateJobInput, type Job, paths, Version } from "@ziggurat/contracts";
import type { Cast } from "./cast.js";
import { generatedDialogues, generatedText, publishDataset } from "./datasets.js";
import { evaluationsOf, followJob, requestJob } from "./follow-job.js";
import { financeRecipe, foundationRecipe, type Recipe } from "./recipes.js";
import type { Built } from "./report.js";
import type { ProgressBoard } from "./show/progress.js";
import type { DemoData } from "./text/demo-data.js";
import { toJsonl } from "./text/jsonl.js";

/** The datasets of the two shared tiers, as `ns/slug@n`. */
export interface SharedText {
  readonly general: string;
  readonly generalHeldOut: string;
  readonly finance: string;
  readonly replay: string;
  readonly practice: string;
  readonly financeHeldOut: string;
}

export async function publishSharedText(api: Api, board: ProgressBoard, data: DemoData, seed: number): Promise<SharedText> {
  const notes = `written by the demo's generator, seed ${seed}`;
  const publish = (dataset: ReturnType<typeof generatedText>, rows: readonly unknown[]) =>
    publishDataset(api, board, { dataset, jsonl: toJsonl(rows), notes });
  return {
    general: await publish(
      generatedText("foundation", "general-text", "General text", "Everyday English and Chinese to pre-train on."),
      data.generalText,
    ),
    generalHeldOut: await publish(
      generatedText("foundation", "general-held-out", "General text, held out", "Shares no sentence with the training text."),
      data.generalHeldOut,
    ),
    finance: await publish(
      generatedText("finance", "finance-text", "Finance text", "English and Chinese about markets, banking, insurance and compliance."),
      data.financeText,
    ),
    replay: await publish(
      generatedText("finance", "general-replay", "General text for replay", "Read again beside finance text, so that little is forgotten."),
      data.replayText,
    ),
    practice: await publish(
      generatedDialogues("finance", "label-practice", "Practice in labels", "Passages of the corpora, each answered with its subject."),
      data.practiceDialogues,
    ),
    financeHeldOut: await publish(
      generatedText("finance", "finance-held-out", "Finance text, held out", "Shares no sentence with the training text."),
      data.financeHeldOut,
    ),
  };
}

/** Pre-trains the foundation model, scores it on both held-out texts and releases it. */
export async function buildFoundation(cast: SharedCast, board: ProgressBoard, text: SharedText, seed: number): Promise<Built> {
  const model = await ensureModel(cast.engineer, {
    namespace: "foundation",
    slug: "cornerstone",
    tier: "foundation",
    name: "Cornerstone",
    licence: "Apache-2.0",
    card: {
      purpose: "Small bilingual base for the pyramid's demo.",
      limits: "Two million parameters and synthetic text: it shows the path, not quality.",
      trainingData: "Everyday English and Chinese written by the demo's generator.",
      contact: "engineer@platform.example",
      languages: ["en", "zh"],
      supplier: "Pre-trained by this demo",
      source: "npm run demo",
      filing: "none: it serves nobody",
    },
  });
  return buildShared(cast, board, "pre-train foundation", {
    model,
    recipe: foundationRecipe,
    datasets: [text.general],
    evaluateOn: [text.generalHeldOut, text.financeHeldOut],
    seed,
  });
}

/** Continues the foundation model on finance text, scores it likewise and releases it. */
export async function buildFinance(cast: SharedCast, board: ProgressBoard, text: SharedText, parent: string, seed: number): Promise<Built> {
  const model = await ensureModel(cast.engineer, {
    namespace: "finance",
    slug: "ledger",
    tier: "finance",
    name: "Ledger",
    card: {
      purpose: "Finance language for the institutions' task models.",
      limits: "Companies, banks and figures in its training text are invented.",
      trainingData: "Finance text, a share of general text and passages with their subjects, all written by the demo's generator.",
      contact: "engineer@platform.example",
      languages: ["en", "zh"],
    },
  });
  return buildShared(cast, board, "continue into finance", {
    model,
    recipe: financeRecipe,
    parent,
    datasets: [text.finance, text.replay, text.practice],
    evaluateOn: [text.generalHeldOut, text.financeHeldOut],
    seed,
  });
}

/** The two people of the shared tiers: one does the work, the other releases it. */
export type SharedCast = Pick<Cast, "engineer" | "releaser">;

interface SharedRequest {
  readonly model: string;
  readonly recipe: Recipe;
  readonly parent?: string;
  readonly datasets: string[];
  readonly evaluateOn: string[];
  readonly seed: number;
}

async function buildShared(
  { engineer: api, releaser }: SharedCast,
  board: ProgressBoard,
  label: string,
  { recipe, ...wanted }: SharedRequest,
): Promise<Built> {
  const request: CreateJobInput = { kind: "pretrain", method: recipe.method, hyperparameters: recipe.hyperparameters, ...wanted };
  const job = await followJob(api, (await requestJob(api, request)).id, board.task(label));
  const evaluations = await evaluationsOf(api, job.evaluationJobs);
  const version = await releaseVersion(api, releaser, sealedVersion(job), "the demo's gates hold");
  await pointAlias(api, version.model, "champion", version.number, "newest release of the demo");
  return { version: await api.get(Version, paths.version(version.ref)), job, evaluations };
}

/** The version a finished job sealed; a job without one is a defect of the platform. */
export function sealedVersion(job: Job): string {
  if (job.version === null) throw new Error(`job ${job.id} succeeded without a version`);
  return job.version;
}
