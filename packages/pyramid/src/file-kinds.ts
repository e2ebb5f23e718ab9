import type { FileKind } from "@ziggurat/contracts";

/** Suffixes of formats that run code when they are loaded, or may. */
const EXECUTABLE = [
  ".bin",
  ".pt",
  ".pth",
  ".ckpt",
  ".pkl",
  ".pickle",
  ".joblib",
  ".dill",
  ".npy",
  ".npz",
  ".h5",
  ".keras",
  ".msgpack",
  ".mar",
];
const TOKENIZER = [
  "tokenizer.json",
  "tokenizer_config.json",
  "tokenizer.model",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "vocab.txt",
  "merges.txt",
  "chat_template.jinja",
];
const CONFIG = ["config.json", "generation_config.json"];
const CARD = ["README.md", "MODEL_CARD.md", "card.md"];

/** Kind of a version's file, from its path in Hugging Face layout. */
export function kindOfFile(path: string): FileKind {
  const name = path.split("/").at(-1) ?? path;
  if (path.startsWith("evaluation/")) return "evaluation";
  if (name === "adapter_config.json" || /^adapter_model.*\.safetensors$/.test(name)) return "adapter";
  if (isSafetensors(path)) return "weights";
  if (TOKENIZER.includes(name)) return "tokenizer";
  if (CONFIG.includes(name)) return "config";
  return CARD.includes(name) ? "card" : "other";
}

/** Whether the name promises a format that can run code on loading. */
export function isExecutableFormat(path: string): boolean {
  return EXECUTABLE.some((suffix) => path.toLowerCase().endsWith(suffix));
}

export function isSafetensors(path: string): boolean {
  return path.toLowerCase().endsWith(".safetensors");
}
