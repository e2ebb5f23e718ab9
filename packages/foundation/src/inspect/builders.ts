import type { CheckpointSource } from "./checkpoint-source.js";

/** A tensor to make; `fill` is every byte of it. */
export interface TensorToMake {
  readonly dtype?: "F32" | "F16" | "BF16" | "U8" | "BOOL";
  readonly shape: readonly number[];
  readonly fill?: number;
}

const BYTES = { F32: 4, F16: 2, BF16: 2, U8: 1, BOOL: 1 } as const;

/** A sound safetensors file with these tensors, for tests. `metadata` makes its bytes, and so its digest, different. */
export function aSafetensorsFile(tensors: Readonly<Record<string, TensorToMake>>, metadata?: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  const data: number[] = [];
  for (const [name, { dtype = "F32", shape, fill = 1 }] of Object.entries(tensors)) {
    const bytes = shape.reduce((product, size) => product * size, 1) * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [data.length, data.length + bytes] };
    for (let n = 0; n < bytes; n += 1) data.push(fill);
  }
  return aRawFile(JSON.stringify(header), data);
}

/** A file with any header, sound or not. */
export function aRawFile(header: string, data: Iterable<number> = []): Uint8Array {
  const text = bytesOf(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return Uint8Array.from([...length, ...text, ...data]);
}

/** A checkpoint in memory that counts the bytes read from it, and refuses to be read beyond the ends of its files. */
export function aSource(files: Readonly<Record<string, Uint8Array | string>>): CheckpointSource & { readonly bytesRead: () => number } {
  const contents = new Map(Object.entries(files).map(([path, bytes]) => [path, typeof bytes === "string" ? bytesOf(bytes) : bytes]));
  let total = 0;
  return {
    files: [...contents].map(([path, bytes]) => ({ path, sizeBytes: bytes.length })),
    async read(path, start, length) {
      const bytes = contents.get(path);
      if (bytes === undefined || start < 0 || length < 0) throw new Error(`no ${length} bytes at ${start} of ${path}`);
      const part = bytes.slice(start, start + length);
      total += part.length;
      return part;
    },
    decode: textOf,
    bytesRead: () => total,
  };
}

/** A small Qwen3-shaped model's tensors, in the names its published weights have. */
export function modelTensors({ layers = 2, hidden = 8, vocabulary = 16, tied = true } = {}): Record<string, TensorToMake> {
  const tensors: Record<string, TensorToMake> = { "model.embed_tokens.weight": { shape: [vocabulary, hidden] } };
  for (let layer = 0; layer < layers; layer += 1) {
    const at = `model.layers.${layer}`;
    tensors[`${at}.self_attn.q_proj.weight`] = { shape: [hidden * 2, hidden] };
    tensors[`${at}.self_attn.v_proj.weight`] = { shape: [hidden / 2, hidden] };
    tensors[`${at}.mlp.down_proj.weight`] = { shape: [hidden, hidden * 3] };
    tensors[`${at}.input_layernorm.weight`] = { shape: [hidden] };
  }
  tensors["model.norm.weight"] = { shape: [hidden] };
  if (!tied) tensors["lm_head.weight"] = { shape: [vocabulary, hidden] };
  return tensors;
}

/** A LoRA adapter's tensors for {@link modelTensors}. */
export function loraTensors({
  layers = 2,
  hidden = 8,
  rank = 2,
  fillB = 1,
  modules = ["self_attn.q_proj"],
} = {}): Record<string, TensorToMake> {
  const tensors: Record<string, TensorToMake> = {};
  for (let layer = 0; layer < layers; layer += 1) {
    for (const module of modules) {
      const at = `base_model.model.model.layers.${layer}.${module}`;
      tensors[`${at}.lora_A.weight`] = { shape: [rank, hidden] };
      tensors[`${at}.lora_B.weight`] = { shape: [hidden * 2, rank], fill: fillB };
    }
  }
  return tensors;
}

/** UTF-8, by the two functions of the language that know it. Enough for tests. */
function bytesOf(text: string): Uint8Array {
  const escaped = encodeURIComponent(text.replace(/\p{Cs}/gu, "\u{FFFD}"));
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at += 1) {
    const isEscape = escaped[at] === "%";
    bytes.push(isEscape ? Number.parseInt(escaped.slice(at + 1, at + 3), 16) : escaped.charCodeAt(at));
    if (isEscape) at += 2;
  }
  return Uint8Array.from(bytes);
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return null;
  }
}
