import { type CheckpointFile, type CheckpointSource, type Reading, read, short, unreadable } from "./checkpoint-source.js";
import { isObject, parseObject } from "./read-json.js";

/** Bytes of a header at most. The format allows 100 MB; the largest published models stay far below this. */
export const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** Characters of a tensor's name at most; published names stay below a hundred. */
const MAX_NAME = 512;

/** Bits per number (https://github.com/huggingface/safetensors, `Dtype`). */
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E5M2FNUZ: 8,
  F8_E4M3FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
};

/** One tensor of a file, by its place in the file. */
export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Numbers in it. */
  readonly count: number;
  /** First byte in the file, and how many there are. */
  readonly start: number;
  readonly bytes: number;
}

export interface Header {
  readonly tensors: readonly Tensor[];
  readonly headerBytes: number;
}

/** Reads and checks the header of a safetensors file: its first eight bytes, then as many as these say, and only if they may be as many. */
export async function readTensors(source: CheckpointSource, file: CheckpointFile): Promise<Reading<Header>> {
  const headerBytes = headerLength(await source.read(file.path, 0, 8), file.sizeBytes);
  if (typeof headerBytes === "string") return unreadable(headerBytes);
  const tensors = readHeader(source.decode(await source.read(file.path, 8, headerBytes)), headerBytes, file.sizeBytes);
  return tensors.ok ? read({ tensors: tensors.value, headerBytes }) : tensors;
}

/** Length of the header, from the file's first eight bytes; or why it cannot be one. */
export function headerLength(first: Uint8Array, fileBytes: number): number | string {
  if (first.length < 8) return "the file is shorter than a header";
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) return `the header claims ${length} bytes; ${MAX_HEADER_BYTES} are read at most`;
  return length + 8 > fileBytes ? "the header is longer than the file" : length;
}

/**
 * Checks a header against its file: every name stands once, tensors lie inside the file, fill it without gaps, do not overlap, and
 * have the size that their shape and type say.
 */
export function readHeader(header: string | null, headerBytes: number, fileBytes: number): Reading<readonly Tensor[]> {
  const parsed = parseObject(header?.startsWith("{") ? header : null);
  if (!parsed.ok) return unreadable(`the header ${parsed.problem}`);
  const tensors: Tensor[] = [];
  for (const [name, value] of Object.entries(parsed.value)) {
    if (name === "__metadata__") {
      if (!isTexts(value)) return unreadable("__metadata__ is not a map of texts");
      continue;
    }
    const tensor = tensorOf(name, value, 8 + headerBytes);
    if (typeof tensor === "string") return unreadable(`tensor ${short(name)}: ${tensor}`);
    tensors.push(tensor);
  }
  const gap = firstGap(tensors, 8 + headerBytes, fileBytes);
  return gap === null ? read(tensors) : unreadable(gap);
}

function tensorOf(name: string, value: unknown, dataStart: number): Tensor | string {
  if (name.length > MAX_NAME) return `its name has ${name.length} characters; ${MAX_NAME} are read at most`;
  if (!isObject(value) || !("dtype" in value) || !("shape" in value) || !("data_offsets" in value))
    return "dtype, shape or data_offsets is missing";
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") return "dtype is not a word";
  const bits = Object.hasOwn(BITS, dtype) ? BITS[dtype] : undefined;
  if (bits === undefined) return `unknown dtype ${short(dtype)}`;
  if (!isCounts(shape)) return "shape is not a list of whole numbers";
  if (!isCounts(offsets)) return "data_offsets are not whole numbers";
  const [start, end] = offsets;
  if (start === undefined || end === undefined || offsets.length !== 2 || start > end) return "data_offsets are not a range";
  const count = product(shape);
  if (count === null || count * bits !== (end - start) * 8) return "its size does not fit its shape and dtype";
  return { name, dtype, shape, count, start: dataStart + start, bytes: end - start };
}

/** Where tensors leave a hole, overlap, or miss the end of the file; null when they fill it exactly. */
function firstGap(tensors: readonly Tensor[], dataStart: number, fileBytes: number): string | null {
  let at = dataStart;
  for (const { name, start, bytes } of [...tensors].sort((a, b) => a.start - b.start || a.bytes - b.bytes)) {
    if (start < at) return `tensor ${short(name)} overlaps another`;
    if (start > at) return `there is a gap before tensor ${short(name)}`;
    at = start + bytes;
  }
  if (at === fileBytes) return null;
  return at > fileBytes ? "tensors reach beyond the end of the file" : "bytes are left over after the last tensor";
}

/** Null once it passes what can be counted, even where a zero would come later: other readers refuse that too. */
function product(shape: readonly number[]): number | null {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((entry) => typeof entry === "string");
}
