import type { Estimate, JobKind, Method } from "@ziggurat/contracts";

export interface RunFacts {
  readonly kind: JobKind;
  readonly method: Method;
  /** Parameters of the model that is trained or scored; null when unknown. */
  readonly parameters: number | null;
  /** Characters of all datasets together. */
  readonly characters: number;
  /** Rows of all datasets together. */
  readonly rows: number;
  readonly epochs: number;
  readonly maxSteps: number | null;
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Tokens per second times parameters of recent runs on the same cluster: comparable across sizes. */
  readonly recent: readonly { readonly tokensPerSecond: number; readonly parameters: number }[];
}

/**
 * A first, honest guess: tokens from characters, seconds from the work rate of recent runs, memory from parameters and
 * activations. The range is wide where nothing was measured yet.
 */
export function estimateRun(facts: RunFacts): Estimate {
  const tokens = tokensOf(facts);
  const parameters = facts.parameters ?? DEFAULT_PARAMETERS;
  const rate = rateFor(parameters, facts.recent);
  const seconds = START_SECONDS + tokens / rate.tokensPerSecond;
  return {
    parameters: facts.parameters,
    tokens,
    memoryBytes: memoryOf(facts, parameters),
    seconds: { low: round(seconds / rate.spread), high: round(seconds * rate.spread) },
    basis: `${tokens} tokens (${facts.characters} characters at ${CHARACTERS_PER_TOKEN} per token) at ${Math.round(rate.tokensPerSecond)} tokens/s, ${rate.basis}`,
  };
}

/** Parameters of a decoder with grouped attention, gated feed-forward and RMS norms (Qwen3: also per-head query and key norms). */
export function parametersOf(shape: {
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly tieEmbeddings: boolean;
  readonly vocabSize: number;
}): number {
  const { hiddenSize: d, headDim: h } = shape;
  const attention = d * h * (2 * shape.heads + 2 * shape.kvHeads) + 2 * h;
  const layer = attention + 3 * d * shape.intermediateSize + 2 * d;
  return shape.vocabSize * d * (shape.tieEmbeddings ? 1 : 2) + shape.layers * layer + d;
}

/** Between Chinese (about one character per token with a small vocabulary) and English (about four). */
const CHARACTERS_PER_TOKEN = 2;
const DEFAULT_PARAMETERS = 2_000_000;
/** Interpreter, torch and model load. */
const START_SECONDS = 8;
/**
 * Tokens/s × parameters, used until a run was measured here: a plain loop took 2.0 million parameters six times through the
 * 9,009 training rows of banking77 (1.6 million characters) in 510 s on two busy CPU cores.
 */
const UNMEASURED_RATE = 1.9e10;

function tokensOf(facts: RunFacts): number {
  if (facts.kind === "merge") return 0;
  const once = Math.ceil(facts.characters / CHARACTERS_PER_TOKEN);
  const all = once * facts.epochs;
  return facts.maxSteps === null ? all : Math.min(all, facts.maxSteps * facts.batchSize * facts.sequenceLength);
}

function rateFor(parameters: number, recent: RunFacts["recent"]): { tokensPerSecond: number; spread: number; basis: string } {
  const rates = recent.map((run) => run.tokensPerSecond * run.parameters).sort((a, b) => a - b);
  const middle = rates[Math.floor(rates.length / 2)];
  if (middle === undefined || middle <= 0)
    return { tokensPerSecond: UNMEASURED_RATE / parameters, spread: 3, basis: "a constant, as no run was measured here yet" };
  return {
    tokensPerSecond: middle / parameters,
    spread: rates.length >= 3 ? 1.5 : 2,
    basis: `the median of ${rates.length} measured ${rates.length === 1 ? "run" : "runs"}`,
  };
}

/** float32 weights; when trained also gradients and two Adam moments; activations by tokens in a batch. */
function memoryOf(facts: RunFacts, parameters: number): number {
  const trainsAll = facts.kind === "pretrain" || facts.method === "full";
  const weights = parameters * 4 * (trainsAll ? 4 : 1.1);
  const width = Math.max(64, Math.sqrt(parameters / 12));
  const activations = facts.kind === "merge" ? 0 : facts.batchSize * facts.sequenceLength * width * 4 * 16;
  return Math.ceil(RUNTIME_BYTES + weights + activations);
}

/** Python with torch and transformers imported. */
const RUNTIME_BYTES = 400 * 1024 * 1024;

function round(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
