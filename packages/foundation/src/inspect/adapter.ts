import type { AdapterFacts, Finding } from "@ziggurat/contracts";
import type { BaseModules } from "./base-modules.js";
import { type CheckpointSource, type Problem, short, some } from "./checkpoint-source.js";
import { areNonZero, isNonZero } from "./has-effect.js";
import { type LoraModule, loraModules } from "./lora-modules.js";
import { type JsonObject, texts } from "./read-json.js";
import type { PlacedTensor, Weights } from "./weights.js";

export interface AdapterReading {
  readonly facts: AdapterFacts;
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
}

const MOST_TARGETS = 256;
/** Types in which a weight keeps the shape of its module; packed ones do not. */
const SHAPED = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"];

/**
 * Checks an adapter against its own configuration and, where it is given, against the base's real modules; and looks whether it does
 * anything at all. A serving engine may take an adapter that does not fit and silently answer as the base.
 */
export async function checkAdapter(
  source: CheckpointSource,
  configPath: string,
  config: JsonObject,
  weights: Weights,
  base: BaseModules | null,
): Promise<AdapterReading> {
  const path = weights.shards[0] ?? null;
  const { modules, whole } = loraModules(weights);
  const method = typeof config.peft_type === "string" ? short(config.peft_type) : "unknown";
  const targets = texts(config.target_modules);
  const facts: AdapterFacts = {
    baseModel: texts(config.base_model_name_or_path).map(short)[0] ?? null,
    method,
    rank: countOf(config.r),
    alpha: Number.isFinite(config.lora_alpha) ? Number(config.lora_alpha) : null,
    targetModules: targets.slice(0, MOST_TARGETS).map(short),
    adaptedModules: modules.length + whole.length,
    checkedAgainst: base?.ref ?? null,
  };
  if (method !== "LORA") {
    const detail = `${configPath}: only that it is not all zeros was checked of an adapter of method ${method}`;
    const problems = (await anyNonZero(source, [...weights.tensors.values()])) ? [] : [noEffect("all its tensors are zero", path)];
    return { facts, problems, findings: [{ code: "adapter_method", detail, path: configPath }] };
  }
  const findings: Finding[] = [];
  const problems = [
    ...checkWhole(modules, path),
    ...checkRank(configPath, config, modules),
    ...(base === null ? [] : [...checkTargets(configPath, config, targets, base), ...checkModules(modules, base, path, findings)]),
  ];
  const cause = problems.length > 0 ? null : await whyNoEffect(source, config, modules, whole);
  return { facts, problems: cause === null ? problems : [noEffect(cause, path)], findings };
}

function checkWhole(modules: readonly LoraModule[], path: string | null): Problem[] {
  const half = modules.filter(({ a, b }) => a === null || b === null).map(({ name }) => name);
  return half.length === 0 ? [] : [{ code: "adapter_incomplete", detail: `${some(half)}: one of lora_A and lora_B is missing`, path }];
}

function checkRank(configPath: string, config: JsonObject, modules: readonly LoraModule[]): Problem[] {
  const wrong = modules.flatMap((module) => {
    const { a, b, name } = module;
    const wanted = ranksOf(config, name);
    const found = [a?.shape[0], b?.shape[1]].filter((rank) => rank !== undefined);
    const other = found.find((rank) => !wanted.includes(rank));
    return wanted.length === 0 || other === undefined ? [] : [`${short(name)} has rank ${other}, not ${wanted.join(" or ")}`];
  });
  if (wrong.length === 0) return [];
  return [{ code: "adapter_rank", detail: `${configPath} and the tensors disagree: ${some(wrong)}`, path: configPath }];
}

/** Ranks a module may have. Patterns are expressions from a stranger's file and are not run: one that is not plain allows its rank anywhere. */
function ranksOf({ r, rank_pattern: patterns }: JsonObject, module: string): number[] {
  const given = typeof patterns === "object" && patterns !== null ? Object.entries(patterns) : [];
  const plain = given.filter(([pattern]) => /^[\w.]+$/.test(pattern));
  const [own] = plain.filter(([pattern]) => module === pattern || module.endsWith(`.${pattern}`)).map(([, rank]) => rank);
  const open = given.filter(([pattern]) => !/^[\w.]+$/.test(pattern)).map(([, rank]) => rank);
  return [own ?? r, ...open].flatMap((rank) => countOf(rank) ?? []);
}

function checkTargets(
  configPath: string,
  { target_modules: stated }: JsonObject,
  targets: readonly string[],
  base: BaseModules,
): Problem[] {
  // One text is an expression or a word such as `all-linear`: what it chose is seen by the tensors.
  if (!Array.isArray(stated)) return [];
  const missing = targets.filter((target) => !base.hasTarget(target));
  if (missing.length === 0) return [];
  const detail = `${configPath} targets ${some(missing)}, and ${base.ref} has no such module`;
  return [{ code: "adapter_target_missing", detail, path: configPath }];
}

function checkModules(modules: readonly LoraModule[], base: BaseModules, path: string | null, findings: Finding[]): Problem[] {
  const [missing, fused, misfits]: [string[], string[], string[]] = [[], [], []];
  for (const module of modules) {
    const found = base.find(module.name);
    if (found === null) (/(?:^|\.)experts(?:\.|$)/.test(module.name) ? fused : missing).push(module.name);
    else if (found.weight !== null) misfits.push(...misfitOf(module, found.weight));
  }
  if (fused.length > 0) {
    // Loaders join experts into one module or split them, so their names on disk prove nothing.
    findings.push({ code: "adapter_unverified", detail: `not compared with ${base.ref}: ${some(fused)}`, path });
  }
  return [
    ...(missing.length === 0
      ? []
      : [{ code: "adapter_module_missing", detail: `it adapts ${some(missing)}, and ${base.ref} has no such module`, path }]),
    ...(misfits.length === 0
      ? []
      : [{ code: "adapter_shape", detail: `it was made for another base than ${base.ref}: ${some(misfits)}`, path }]),
  ];
}

/** A layer's weight is outputs × inputs, or the other way round in models of the GPT-2 kind; an embedding's is tokens × width. */
function misfitOf({ name, a, b, isEmbedding }: LoraModule, weight: PlacedTensor): string[] {
  const [rows, columns] = weight.shape;
  const [inputs, outputs] = [a?.shape[1], b?.shape[0]];
  if (weight.shape.length !== 2 || !SHAPED.includes(weight.dtype) || inputs === undefined || outputs === undefined) return [];
  const fits = (outputs === rows && inputs === columns) || (outputs === columns && inputs === rows);
  if (fits) return [];
  const what = isEmbedding ? "tokens to width" : "inputs to outputs";
  return [`${short(name)} takes ${inputs} ${what} ${outputs}, and the base's weight is ${rows} × ${columns}`];
}

async function whyNoEffect(
  source: CheckpointSource,
  { lora_alpha: alpha, use_dora: isDora }: JsonObject,
  modules: readonly LoraModule[],
  whole: readonly PlacedTensor[],
): Promise<string | null> {
  if (modules.length === 0 && whole.length === 0) return "it has no LoRA tensors";
  if (await anyNonZero(source, [...whole, ...modules.flatMap(({ others }) => (isDora === true ? others : others.filter(isBias)))]))
    return null;
  if (alpha === 0) return "lora_alpha is 0";
  for (const { a, b } of modules) if (a !== null && b !== null && (await areNonZero(source, [b, a]))) return null;
  return "lora_B, or lora_A, is zero in every module";
}

const isBias = ({ name }: PlacedTensor): boolean => name.endsWith(".bias");

async function anyNonZero(source: CheckpointSource, tensors: readonly PlacedTensor[]): Promise<boolean> {
  for (const tensor of tensors) if (await isNonZero(source, tensor)) return true;
  return false;
}

function noEffect(cause: string, path: string | null): Problem {
  return { code: "adapter_no_effect", detail: `the adapter has no effect: ${cause}`, path };
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
