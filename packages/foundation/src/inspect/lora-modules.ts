import type { PlacedTensor, Weights } from "./weights.js";

/** The parts that LoRA keeps beside one module of the base. */
export interface LoraModule {
  readonly name: string;
  readonly a: PlacedTensor | null;
  readonly b: PlacedTensor | null;
  /** An embedding is looked up, so its two factors stand the other way round. */
  readonly isEmbedding: boolean;
  /** Bias and magnitude: small parts that act on their own. */
  readonly others: readonly PlacedTensor[];
}

const PREFIX = "base_model.model.";
const ROLES: Readonly<Record<string, "a" | "b" | "other">> = {
  lora_A: "a",
  lora_B: "b",
  lora_embedding_A: "a",
  lora_embedding_B: "b",
  lora_magnitude_vector: "other",
};

/** Sorts an adapter's tensors by the module they belong to. What is no LoRA part was trained whole and comes back as `whole`. */
export function loraModules({ tensors }: Weights): { readonly modules: readonly LoraModule[]; readonly whole: readonly PlacedTensor[] } {
  const modules = new Map<string, { a: PlacedTensor | null; b: PlacedTensor | null; isEmbedding: boolean; others: PlacedTensor[] }>();
  const whole: PlacedTensor[] = [];
  for (const tensor of tensors.values()) {
    const parts = (tensor.name.startsWith(PREFIX) ? tensor.name.slice(PREFIX.length) : tensor.name).split(".");
    const at = parts.findLastIndex((part) => Object.hasOwn(ROLES, part));
    const word = parts[at] ?? "";
    const role = Object.hasOwn(ROLES, word) ? ROLES[word] : undefined;
    if (role === undefined) {
      whole.push(tensor);
      continue;
    }
    const name = parts.slice(0, at).join(".");
    const module = modules.get(name) ?? { a: null, b: null, isEmbedding: false, others: [] };
    modules.set(name, module);
    module.isEmbedding ||= word.startsWith("lora_embedding");
    if (role === "other" || parts.at(-1) === "bias") module.others.push(tensor);
    else module[role] = tensor;
  }
  return { modules: [...modules].map(([name, module]) => ({ name, ...module })), whole };
}
