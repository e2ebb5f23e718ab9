import { readFile } from "node:fs/promises";
import { checkChatFile } from "./chat-file.js";
import { generatedDialogues, type NewDataset } from "./datasets.js";
import type { TaskPlan } from "./institution-tier.js";
import type { DemoOptions } from "./options.js";
import { taskRecipe } from "./recipes.js";
import type { DemoData } from "./text/demo-data.js";
import { toJsonl } from "./text/jsonl.js";

/** Rows a person gave, read and checked before anything is sent to the platform. */
export interface GivenRows {
  readonly train: string;
  readonly test: string;
}

/** Reads the files of `--task-train` and `--task-test`. Throws with every broken line named. */
export async function readGivenRows(files: NonNullable<DemoOptions["realTask"]>): Promise<GivenRows> {
  const [train, test] = await Promise.all([readFile(files.trainFile, "utf8"), readFile(files.testFile, "utf8")]);
  checkChatFile(files.trainFile, train);
  checkChatFile(files.testFile, test);
  return { train, test };
}

/** What the first institution tunes: customer-service routing, on generated dialogues or on given rows. */
export function northbankPlan(data: DemoData, options: DemoOptions, given: GivenRows | null): TaskPlan {
  const notes = `written by the demo's generator, seed ${options.seed}`;
  const rows =
    given === null
      ? {
          train: dialogues("northbank", "service-dialogues", "Service dialogues", toJsonl(data.serviceDialogues), notes),
          heldOut: dialogues("northbank", "service-held-out", "Service dialogues, held out", toJsonl(data.serviceHeldOut), notes),
        }
      : {
          train: givenRows("given-train", "Given rows", given.train),
          heldOut: givenRows("given-test", "Given rows, held out", given.test),
        };
  return {
    model: {
      namespace: "northbank",
      slug: "service-intent",
      tier: "institution",
      name: "Service intent",
      scenario: "customer_service",
      card: {
        purpose: "Routes a customer's message to the desk that can answer it.",
        limits: "One label for one message; a person reads what is routed.",
        trainingData: given === null ? "Dialogues written by the demo's generator." : "Rows given on the command line.",
        contact: "admin@northbank.example",
        languages: ["en", "zh"],
      },
    },
    ...rows,
    recipe: taskRecipe(options.taskMethod, given !== null),
    seed: options.seed,
  };
}

/** What the second institution tunes: inspection of recorded calls, by the method the first one does not use. */
export function eastcapPlan(data: DemoData, options: DemoOptions): TaskPlan {
  const notes = `written by the demo's generator, seed ${options.seed}`;
  return {
    model: {
      namespace: "eastcap",
      slug: "call-inspection",
      tier: "institution",
      name: "Call inspection",
      scenario: "call_inspection",
      card: {
        purpose: "Says which rule an agent's line on a recorded call breaks, if any.",
        limits: "Inspectors decide; the model only points.",
        trainingData: "Lines written by the demo's generator.",
        contact: "admin@eastcap.example",
        languages: ["en", "zh"],
      },
    },
    train: dialogues("eastcap", "inspection-dialogues", "Inspected lines", toJsonl(data.inspectionDialogues), notes),
    heldOut: dialogues("eastcap", "inspection-held-out", "Inspected lines, held out", toJsonl(data.inspectionHeldOut), notes),
    recipe: taskRecipe(options.taskMethod === "lora" ? "full" : "lora", false),
    seed: options.seed,
  };
}

function dialogues(namespace: string, slug: string, name: string, jsonl: string, notes: string): NewDataset {
  return { dataset: generatedDialogues(namespace, slug, name, "Shares no text and no template with its other half."), jsonl, notes };
}

function givenRows(slug: string, name: string, jsonl: string): NewDataset {
  return {
    dataset: {
      namespace: "northbank",
      slug,
      name,
      description: "Brought by the person who started the demo.",
      format: "chat",
      licence: "as given",
      legalBasis: "licence",
      sensitivity: "internal",
    },
    jsonl,
    notes: "from the command line",
  };
}
