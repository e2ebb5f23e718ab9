import type { CheckpointSource } from "./checkpoint-source.js";
import type { PlacedTensor } from "./weights.js";

const FIRST_BYTES = 64 * 1024;
const NEXT_BYTES = 4 * 1024 * 1024;
/** Bytes of one number, for types whose last byte begins with a sign: minus zero is zero. */
const SIGNED: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1 };

/** Whether a tensor holds anything but zeros. Reads until the first byte that says so. */
export async function isNonZero(source: CheckpointSource, tensor: PlacedTensor): Promise<boolean> {
  for (let at = 0, step = FIRST_BYTES; at < tensor.bytes; at += step, step = NEXT_BYTES) {
    if (hasNonZero(await source.read(tensor.path, tensor.start + at, Math.min(step, tensor.bytes - at)), tensor.dtype)) return true;
  }
  return false;
}

/** Whether every one of these holds something. */
export async function areNonZero(source: CheckpointSource, tensors: readonly PlacedTensor[]): Promise<boolean> {
  for (const tensor of tensors) if (!(await isNonZero(source, tensor))) return false;
  return true;
}

function hasNonZero(bytes: Uint8Array, dtype: string): boolean {
  const size = SIGNED[dtype];
  return bytes.some((byte, index) => (size !== undefined && index % size === size - 1 ? byte & 0x7f : byte) !== 0);
}
