/** What the header of a safetensors file says, once it has been found sound. */
export interface SafetensorsFacts {
  /** Numbers in all tensors. */
  readonly parameters: number;
  readonly tensors: number;
  readonly dtypes: readonly string[];
}
export type SafetensorsReading = { readonly ok: true; readonly facts: SafetensorsFacts } | { readonly ok: false; readonly problem: string };

/** Bytes of a header at most. The format allows 100 MB; the largest published models stay far below this. */
export const MAX_HEADER_BYTES = 32 * 1024 * 1024;

/** Bits per number (https://github.com/huggingface/safetensors, `Dtype`). */
const BITS: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
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

interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** Length of the header, from the file's first eight bytes; or why it cannot be one. */
export function headerLength(first: Uint8Array, fileBytes: number): number | string {
  if (first.length < 8) return "the file is shorter than a header";
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) return `the header claims ${length} bytes`;
  return length + 8 > fileBytes ? "the header is longer than the file" : length;
}

/**
 * Checks a header against its file: tensors lie inside it, fill it without gaps, do not overlap, and have the size that their
 * shape and type say. Nothing is loaded.
 */
export function readHeader(header: Uint8Array, fileBytes: number): SafetensorsReading {
  const parsed = parse(header);
  if (parsed === null) return bad("the header is not a JSON object");
  const tensors: Tensor[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "__metadata__") continue;
    const tensor = tensorOf(name, value);
    if (typeof tensor === "string") return bad(`tensor ${name}: ${tensor}`);
    tensors.push(tensor);
  }
  const gap = firstGap(tensors, fileBytes - 8 - header.length);
  if (gap !== null) return bad(gap);
  return {
    ok: true,
    facts: {
      parameters: tensors.reduce((sum, { count }) => sum + count, 0),
      tensors: tensors.length,
      dtypes: [...new Set(tensors.map(({ dtype }) => dtype))].sort(),
    },
  };
}

function parse(header: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function tensorOf(name: string, value: unknown): Tensor | string {
  if (!isObject(value) || !("dtype" in value) || !("shape" in value) || !("data_offsets" in value))
    return "dtype, shape or data_offsets is missing";
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string") return "dtype is not a word";
  const bits = BITS[dtype];
  if (bits === undefined) return `unknown dtype ${dtype}`;
  if (!isCounts(shape)) return "shape is not a list of whole numbers";
  if (!isCounts(offsets)) return "data_offsets are not whole numbers";
  const [start, end] = offsets;
  if (start === undefined || end === undefined || offsets.length !== 2 || start > end) return "data_offsets are not a range";
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count) || Math.ceil((count * bits) / 8) !== end - start) return "its size does not fit its shape and dtype";
  return { name, dtype, count, start, end };
}

/** Where tensors leave a hole, overlap, or miss the end of the file; null when they fill it exactly. */
function firstGap(tensors: readonly Tensor[], dataBytes: number): string | null {
  let at = 0;
  for (const { name, start, end } of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) return `tensor ${name} overlaps another`;
    if (start > at) return `there is a gap before tensor ${name}`;
    at = end;
  }
  if (at === dataBytes) return null;
  return at > dataBytes ? "tensors reach beyond the end of the file" : "bytes are left over after the last tensor";
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(problem: string): SafetensorsReading {
  return { ok: false, problem };
}
