import type { Method, Violation } from "@ziggurat/contracts";
import type { DatasetFacts, TuneClaim } from "./facts.js";
import type { TierPolicy } from "./tier-policy.js";

/**
 * Which rows a method learns from; null takes any, undefined takes no datasets at all. Continued pre-training mixes dialogues into its
 * text, as is common before tuning, so that the tasks above it need to teach less.
 */
const FORMAT_OF_METHOD: Record<Method, DatasetFacts["format"] | null | undefined> = {
  pretrain: "text",
  continued: null,
  full: "chat",
  lora: "chat",
  evaluate: null,
  merge: undefined,
};

/** Rules about the datasets of a job, trained on and held out. `method` is null when the request did not name a valid one. */
export function checkDatasets(policy: TierPolicy, claim: TuneClaim, method: Method | null): Violation[] {
  const { datasets, evaluateOn } = claim.request;
  const format = method === null ? null : FORMAT_OF_METHOD[method];
  const broken = [
    ...datasets.flatMap((ref, index) => checkDataset(policy, claim, ref, format, `/datasets/${index}`)),
    ...evaluateOn.flatMap((ref, index) => checkDataset(policy, claim, ref, null, `/evaluateOn/${index}`)),
    ...repeated(datasets, "/datasets"),
    ...repeated(evaluateOn, "/evaluateOn"),
    ...checkHeldOut(claim),
  ];
  if (format === undefined && datasets.length > 0) {
    broken.push({ code: "dataset_forbidden", detail: `${method} uses no datasets`, pointer: "/datasets" });
  }
  if (format !== undefined && method !== null && datasets.length === 0) {
    broken.push({ code: "dataset_required", detail: `${method} needs at least one dataset version`, pointer: "/datasets" });
  }
  if (method === "evaluate" && evaluateOn.length > 0) {
    broken.push({ code: "dataset_forbidden", detail: "an evaluation names what it scores on in datasets", pointer: "/evaluateOn" });
  }
  return broken;
}

function checkDataset(
  policy: TierPolicy,
  { datasets, model }: TuneClaim,
  ref: string,
  format: DatasetFacts["format"] | null | undefined,
  pointer: string,
): Violation[] {
  const dataset = datasets.get(ref);
  if (dataset === undefined) return [{ code: "dataset_unknown", detail: `there is no dataset version ${ref} that you can see`, pointer }];
  const reason = policy.data(dataset, model);
  const broken = reason === null ? [] : [{ code: "dataset_owner", detail: reason, pointer }];
  if (dataset.isWithdrawn) broken.push({ code: "dataset_withdrawn", detail: `${ref} has been withdrawn by a recall`, pointer });
  if (dataset.isPurged) broken.push({ code: "dataset_purged", detail: `the rows of ${ref} were dropped for good; name another`, pointer });
  if (format && dataset.format !== format) {
    broken.push({ code: "dataset_format", detail: `${ref} holds ${dataset.format} rows; ${format} rows are needed`, pointer });
  }
  return broken;
}

function repeated(refs: readonly string[], pointer: string): Violation[] {
  return refs.flatMap((ref, index) =>
    refs.indexOf(ref) < index ? [{ code: "dataset_duplicate", detail: `${ref} is named twice`, pointer: `${pointer}/${index}` }] : [],
  );
}

/** A held-out dataset shares neither name nor bytes with what is trained on. */
function checkHeldOut({ request, datasets }: TuneClaim): Violation[] {
  const trained = new Set(request.datasets.flatMap((ref) => [ref, datasets.get(ref)?.sha256 ?? ref]));
  return request.evaluateOn.flatMap((ref, index) =>
    trained.has(ref) || trained.has(datasets.get(ref)?.sha256 ?? ref)
      ? [{ code: "not_held_out", detail: `${ref} is among the training data`, pointer: `/evaluateOn/${index}` }]
      : [],
  );
}
