import type { ArtifactKind, CardFacts, Finding, Inspection, RemoteCode } from "@ziggurat/contracts";
import { type AdapterReading, checkAdapter } from "./adapter.js";
import { type BaseModules, baseModules } from "./base-modules.js";
import { type CheckpointFile, type CheckpointSource, nameOf, type Problem } from "./checkpoint-source.js";
import { compareArchitecture, tiedEmbeddings } from "./compare-architecture.js";
import { architectureOf, familyOf } from "./family.js";
import { readCard } from "./model-card.js";
import { type JsonObject, readJsonFile, texts } from "./read-json.js";
import { codeFiles, codeNamedIn } from "./remote-code.js";
import { readWeights, weightFacts } from "./weights.js";

export interface InspectionResult {
  readonly inspection: Inspection;
  /** Why it must not be sealed; empty when it may. */
  readonly problems: readonly Problem[];
}

/** Bytes of one configuration file at most. A tokenizer's lists every token that was added to it. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;
const CONFIGS = [
  "config.json",
  "generation_config.json",
  "tokenizer_config.json",
  "processor_config.json",
  "preprocessor_config.json",
  "image_processor_config.json",
  "adapter_config.json",
];
const MOST_FINDINGS = 100;

/**
 * Looks at a checkpoint in Hugging Face layout without loading weights: configurations, headers, front matter. An adapter is compared
 * with `base`, where it is known.
 */
export async function inspectCheckpoint(
  source: CheckpointSource,
  kind: ArtifactKind,
  base: BaseModules | null = null,
): Promise<InspectionResult> {
  const weights = await readWeights(source, kind === "adapter" ? "adapter" : "model");
  const at = (name: string): CheckpointFile | undefined =>
    source.files.find(({ path }) => path === `${weights.folder}${name}`) ?? source.files.find(({ path }) => path === name);
  const problems: Problem[] = [...weights.problems];
  const findings: Finding[] = [...weights.findings];
  const configs = await readConfigs(source, problems);
  const configOf = (name: string): JsonObject | null => configs.get(at(name)?.path ?? "") ?? null;
  const config = configOf("config.json");
  const card = await cardOf(source, at("README.md"), problems);
  const adapter = kind === "adapter" ? await adapterOf(source, at("adapter_config.json"), configs, weights, base, problems) : null;
  problems.push(...(adapter?.problems ?? []));
  const stated = architectureOf(config);
  const architecture = {
    ...stated,
    tiedEmbeddings: kind === "adapter" ? stated.tiedEmbeddings : tiedEmbeddings(stated.tiedEmbeddings, weights),
  };
  if (kind !== "adapter" && config !== null)
    findings.push(...compareArchitecture(stated, weights, at("config.json")?.path ?? "config.json"));
  if (config?.quantization_config !== undefined) {
    const detail = "config.json has a quantization_config: numbers may be packed, so fewer are stored than the model has";
    findings.push({ code: "quantized", detail, path: at("config.json")?.path ?? null });
  }
  const tokenizerConfig = configOf("tokenizer_config.json");
  const names = [...texts(tokenizerConfig?.name_or_path), ...(card?.baseModels ?? []), ...(card?.tags ?? [])];
  return {
    problems,
    inspection: {
      schema: "ziggurat.inspection/1",
      family: familyOf(config, names),
      architecture,
      weights: weightFacts(weights),
      tokenizer: { present: hasTokenizer((name) => at(name) !== undefined, source), chatTemplate: chatTemplateOf(at, tokenizerConfig) },
      remoteCode: remoteCodeOf(source, configs),
      adapter: adapter?.facts ?? null,
      card,
      findings: [...findings, ...(adapter?.findings ?? [])].slice(0, MOST_FINDINGS),
    },
  };
}

/** The modules of a base, for its adapters. Null where its weights cannot be read: then nothing can be compared. */
export async function readBaseModules(ref: string, source: CheckpointSource): Promise<BaseModules | null> {
  const weights = await readWeights(source, "model");
  return weights.tensors.size === 0 || weights.problems.length > 0 ? null : baseModules(ref, weights);
}

async function readConfigs(source: CheckpointSource, problems: Problem[]): Promise<ReadonlyMap<string, JsonObject>> {
  const configs = new Map<string, JsonObject>();
  for (const file of source.files) {
    if (!CONFIGS.includes(nameOf(file.path))) continue;
    const reading = await readJsonFile(source, file, MAX_CONFIG_BYTES);
    if (reading.ok) configs.set(file.path, reading.value);
    else problems.push({ code: "config_invalid", detail: `${file.path} ${reading.problem}`, path: file.path });
  }
  return configs;
}

async function cardOf(source: CheckpointSource, file: CheckpointFile | undefined, problems: Problem[]): Promise<CardFacts | null> {
  if (file === undefined) return null;
  const reading = await readCard(source, file);
  if (reading.ok) return reading.value;
  problems.push({ code: "card_invalid", detail: `${file.path} ${reading.problem}`, path: file.path });
  return null;
}

async function adapterOf(
  source: CheckpointSource,
  file: CheckpointFile | undefined,
  configs: ReadonlyMap<string, JsonObject>,
  weights: Awaited<ReturnType<typeof readWeights>>,
  base: BaseModules | null,
  problems: Problem[],
): Promise<AdapterReading | null> {
  if (file === undefined) {
    problems.push({ code: "adapter_config_missing", detail: "an adapter says in adapter_config.json what it is", path: null });
    return null;
  }
  const config = configs.get(file.path);
  // Tensors that were not read cannot be judged; what is wrong with them is said already.
  if (config === undefined || weights.problems.length > 0 || weights.shards.length === 0) return null;
  return checkAdapter(source, file.path, config, weights, base);
}

function remoteCodeOf(source: CheckpointSource, configs: ReadonlyMap<string, JsonObject>): RemoteCode[] {
  return [...[...configs].flatMap(([path, config]) => codeNamedIn(path, config)), ...codeFiles(source)].slice(0, MOST_FINDINGS);
}

function hasTokenizer(has: (name: string) => boolean, { files }: CheckpointSource): boolean {
  const whole = ["tokenizer.json", "tokenizer.model", "spiece.model", "vocab.txt"];
  return whole.some(has) || (has("vocab.json") && has("merges.txt")) || files.some(({ path }) => path.endsWith(".tiktoken"));
}

function chatTemplateOf(at: (name: string) => CheckpointFile | undefined, tokenizerConfig: JsonObject | null): string | null {
  const own = at("chat_template.jinja") ?? at("chat_template.json");
  if (own !== undefined) return own.path;
  const inside = tokenizerConfig?.chat_template;
  const isThere = Array.isArray(inside) ? inside.length > 0 : typeof inside === "string" && inside !== "";
  return isThere ? (at("tokenizer_config.json")?.path ?? null) : null;
}
