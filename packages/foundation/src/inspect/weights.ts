import type { Finding, WeightFacts } from "@ziggurat/contracts";
import { isSafetensors } from "@ziggurat/pyramid";
import { type CheckpointSource, folderOf, nameOf, type Problem, some } from "./checkpoint-source.js";
import { isObject, readJsonFile } from "./read-json.js";
import { MAX_HEADER_BYTES, readTensors, type Tensor } from "./safetensors-header.js";

/** A tensor with the file it lies in. */
export interface PlacedTensor extends Tensor {
  readonly path: string;
}

export interface Weights {
  /** Folder of the checkpoint, with its slash; empty at the root. */
  readonly folder: string;
  /** Tensors by name, of the files a loader would take: other safetensors files are checked and not counted. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>;
  readonly shards: readonly string[];
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
}

/** Bytes of all headers of one checkpoint at most: what a look at it may cost. */
export const MAX_HEADERS_BYTES = 128 * 1024 * 1024;
const MAX_INDEX_BYTES = MAX_HEADER_BYTES;
const ADAPTER = /^adapter_model.*\.safetensors$/;

type Headers = ReadonlyMap<string, readonly Tensor[]>;

/** Reads the headers of all safetensors files, and puts together the checkpoint that a loader would find in them. */
export async function readWeights(source: CheckpointSource, kind: "model" | "adapter"): Promise<Weights> {
  const problems: Problem[] = [];
  const findings: Finding[] = [];
  const headers = await readHeaders(source, problems);
  const paths = source.files.map(({ path }) => path).filter(isSafetensors);
  const wanted = paths.filter((path) => ADAPTER.test(nameOf(path)) === (kind === "adapter"));
  const folder = wanted.map(folderOf).sort((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1))[0] ?? "";
  const here = wanted.filter((path) => folderOf(path) === folder).sort();
  const single = `${folder}${kind === "adapter" ? "adapter_model" : "model"}.safetensors`;
  const index = await readIndex(source, `${single}.index.json`, headers, problems, findings);
  const shards = here.includes(single) ? [single] : (index ?? complete(here, problems, findings));
  const beside = paths.filter((path) => !shards.includes(path));
  if (beside.length > 0) {
    findings.push({ code: "weights_beside", detail: `checked and not counted: ${some(beside)}`, path: beside[0] ?? null });
  }
  return { folder, tensors: gather(shards, headers, problems), shards, problems, findings };
}

/** What there is to count. Null when there are no weights. */
export function weightFacts({ tensors, shards }: Weights): WeightFacts | null {
  if (shards.length === 0) return null;
  const dtypes = new Map<string, { tensors: number; numbers: number }>();
  let [parameters, bytes] = [0, 0];
  for (const tensor of tensors.values()) {
    const before = dtypes.get(tensor.dtype) ?? { tensors: 0, numbers: 0 };
    dtypes.set(tensor.dtype, { tensors: before.tensors + 1, numbers: before.numbers + tensor.count });
    if (!isBuffer(tensor)) parameters += tensor.count;
    bytes += tensor.bytes;
  }
  return {
    parameters,
    tensors: tensors.size,
    bytes,
    shards: shards.length,
    dtypes: [...dtypes]
      .map(([dtype, counts]) => ({ dtype, ...counts }))
      .sort((a, b) => b.numbers - a.numbers || (a.dtype < b.dtype ? -1 : 1)),
  };
}

/** Masks and rotary frequencies that old checkpoints store among the weights. Nothing learns them. */
export function isBuffer({ name, dtype, shape }: Tensor): boolean {
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (dtype === "BOOL" || ["inv_freq", "masked_bias", "num_batches_tracked", "position_ids"].includes(last)) return true;
  return shape.length === 4 && (name.endsWith("attn.bias") || name.endsWith("attention.bias"));
}

async function readHeaders(source: CheckpointSource, problems: Problem[]): Promise<Headers> {
  const headers = new Map<string, readonly Tensor[]>();
  let bytes = 0;
  for (const file of source.files) {
    if (!isSafetensors(file.path)) continue;
    const reading = await readTensors(source, file);
    if (!reading.ok) {
      problems.push({ code: "safetensors_invalid", detail: `${file.path}: ${reading.problem}`, path: file.path });
      continue;
    }
    headers.set(file.path, reading.value.tensors);
    bytes += reading.value.headerBytes;
    if (bytes > MAX_HEADERS_BYTES) {
      const detail = `the headers up to ${file.path} have more than ${MAX_HEADERS_BYTES} bytes together`;
      problems.push({ code: "headers_too_large", detail, path: file.path });
      break;
    }
  }
  return headers;
}

/** The shards that an index names; null without an index. Everything in which index and shards contradict each other is a problem. */
async function readIndex(
  source: CheckpointSource,
  path: string,
  headers: Headers,
  problems: Problem[],
  findings: Finding[],
): Promise<string[] | null> {
  const file = source.files.find((candidate) => candidate.path === path);
  if (file === undefined) return null;
  const invalid = (detail: string): string[] => {
    problems.push({ code: "index_invalid", detail: `${path} ${detail}`, path });
    return [];
  };
  const reading = await readJsonFile(source, file, MAX_INDEX_BYTES);
  if (!reading.ok) return invalid(reading.problem);
  const { weight_map: map, metadata } = reading.value;
  if (!isObject(map)) return invalid("has no weight_map");
  const listed = new Map<string, Set<string>>();
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== "string" || shard.includes("/") || shard.includes("\\") || !isSafetensors(shard))
      return invalid(`sends ${some([tensor])} to something that is no safetensors file beside it`);
    listed.set(shard, (listed.get(shard) ?? new Set()).add(tensor));
  }
  const shards = [...listed.keys()].sort().map((name) => `${folderOf(path)}${name}`);
  const present = new Set(source.files.map((candidate) => candidate.path));
  for (const shard of shards.filter((name) => !present.has(name)))
    problems.push({ code: "shard_missing", detail: `${path} names ${shard}, which is not there`, path });
  compare(path, shards, listed, headers, problems, findings);
  checkTotal(path, metadata, shards, headers, findings);
  return shards.filter((name) => present.has(name));
}

function compare(
  path: string,
  shards: readonly string[],
  listed: ReadonlyMap<string, ReadonlySet<string>>,
  headers: Headers,
  problems: Problem[],
  findings: Finding[],
): void {
  for (const shard of shards) {
    const header = headers.get(shard);
    if (header === undefined) continue;
    const wanted = listed.get(nameOf(shard)) ?? new Set();
    const has = new Set(header.map(({ name }) => name));
    const missing = [...wanted].filter((name) => !has.has(name));
    if (missing.length > 0) {
      problems.push({ code: "tensor_missing", detail: `${path} says that ${shard} has ${some(missing)}, and it has not`, path });
    }
    const unlisted = [...has].filter((name) => !wanted.has(name));
    if (unlisted.length > 0) findings.push({ code: "tensor_unlisted", detail: `${path} does not list ${some(unlisted)}`, path: shard });
  }
}

function checkTotal(path: string, metadata: unknown, shards: readonly string[], headers: Headers, findings: Finding[]): void {
  const stated = isObject(metadata) ? metadata.total_size : undefined;
  if (stated === undefined || shards.some((shard) => !headers.has(shard))) return;
  const bytes = shards.flatMap((shard) => headers.get(shard) ?? []).reduce((sum, tensor) => sum + tensor.bytes, 0);
  if (stated !== bytes) {
    findings.push({ code: "total_size", detail: `${path} says ${some([String(stated)])} bytes, its shards have ${bytes}`, path });
  }
}

/** Files without an index: those whose names say that there are more must all be there. */
function complete(paths: readonly string[], problems: Problem[], findings: Finding[]): readonly string[] {
  for (const path of paths) {
    const total = Number(/-\d{5}-of-(\d{5})\.safetensors$/.exec(path)?.[1] ?? 0);
    const others = paths.filter((other) => other.endsWith(`-of-${String(total).padStart(5, "0")}.safetensors`)).length;
    if (others >= total) continue;
    problems.push({ code: "shard_missing", detail: `${path} is one of ${total} shards, of which ${others} are there`, path });
    break;
  }
  if (paths.length > 1) {
    findings.push({ code: "index_missing", detail: `${some(paths)}: several files of weights and no index`, path: paths[0] ?? null });
  }
  return paths;
}

function gather(shards: readonly string[], headers: Headers, problems: Problem[]): Map<string, PlacedTensor> {
  const tensors = new Map<string, PlacedTensor>();
  for (const path of shards) {
    const twice: string[] = [];
    for (const tensor of headers.get(path) ?? []) {
      if (tensors.has(tensor.name)) twice.push(tensor.name);
      else tensors.set(tensor.name, { ...tensor, path });
    }
    if (twice.length > 0) {
      const others = new Set(twice.map((name) => tensors.get(name)?.path ?? ""));
      problems.push({ code: "tensor_twice", detail: `${some(twice)} is in ${path} and also in ${some([...others])}`, path });
    }
  }
  return tensors;
}
