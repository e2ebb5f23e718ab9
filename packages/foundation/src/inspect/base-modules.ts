import { embeddingOf } from "./compare-architecture.js";
import type { PlacedTensor, Weights } from "./weights.js";

/** The modules of a base that an adapter may speak of, by name. */
export interface BaseModules {
  /** `ns/slug@n`. */
  readonly ref: string;
  /** Whether a module of this name is there, and its weight where it has one. */
  find(name: string): { readonly weight: PlacedTensor | null } | null;
  /** Whether some module's name ends in these parts: `q_proj`, `self_attn.q_proj`. */
  hasTarget(target: string): boolean;
}

/** Parts at the beginning of a name that one program writes and another leaves out. */
const LEADING = ["base_model", "model", "transformer", "gpt_neox", "language_model", "backbone"];
/** A target names the last parts of a module; none has as many as this. */
const MOST_PARTS = 8;
/** Names of the head, which is not stored where the embeddings serve as one. */
const HEADS = ["lm_head", "embed_out", "output_layer"];

export function baseModules(ref: string, weights: Weights): BaseModules {
  const modules = new Map<string, PlacedTensor | null>();
  const endings = new Set<string>();
  const add = (name: string, weight: PlacedTensor | null): void => {
    const key = withoutLeading(name);
    modules.set(key, weight ?? modules.get(key) ?? null);
    const parts = name.split(".");
    for (let from = Math.max(0, parts.length - MOST_PARTS); from < parts.length; from += 1) endings.add(parts.slice(from).join("."));
  };
  for (const tensor of weights.tensors.values()) {
    const dot = tensor.name.lastIndexOf(".");
    if (dot > 0) add(tensor.name.slice(0, dot), tensor.name.slice(dot + 1) === "weight" ? tensor : null);
  }
  const embedding = embeddingOf(weights);
  if (embedding !== undefined && !HEADS.some((head) => endings.has(head))) for (const head of HEADS) add(head, embedding);
  return {
    ref,
    find(name) {
      const weight = modules.get(withoutLeading(name));
      return weight === undefined ? null : { weight };
    },
    hasTarget: (target) => endings.has(target) || modules.has(withoutLeading(target)),
  };
}

function withoutLeading(name: string): string {
  const parts = name.split(".");
  const first = parts.findIndex((part) => !LEADING.includes(part));
  return first < 0 ? name : parts.slice(first).join(".");
}
