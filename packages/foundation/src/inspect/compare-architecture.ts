import type { ArchitectureFacts, Finding } from "@ziggurat/contracts";
import { short } from "./checkpoint-source.js";
import type { PlacedTensor, Weights } from "./weights.js";

const EMBEDDING = /(?:^|\.)(?:embed_tokens|word_embeddings|wte|embed_in)\.weight$/;
const HEAD = /(?:^|\.)(?:lm_head|embed_out|output_layer)\.weight$/;
const LAYER = /(?:^|\.)(?:layers|h|blocks)\.(\d{1,9})\./;
/** Types whose shapes are those of the model; packed weights keep others. */
const PLAIN = ["F64", "F32", "F16", "BF16"];

/** The table that gives each token its vector. */
export function embeddingOf(weights: Weights): PlacedTensor | undefined {
  return [...weights.tensors.values()].find(
    ({ name, shape, dtype }) => EMBEDDING.test(name) && shape.length === 2 && PLAIN.includes(dtype),
  );
}

/** Whether the embeddings also serve as the head. Where the configuration is silent, the weights say it: a tied head is not stored. */
export function tiedEmbeddings(stated: boolean | null, weights: Weights): boolean | null {
  if (stated !== null || embeddingOf(weights) === undefined) return stated;
  return ![...weights.tensors.keys()].some((name) => HEAD.test(name));
}

/** Where a configuration and its weights speak of different models. */
export function compareArchitecture(architecture: ArchitectureFacts, weights: Weights, configPath: string): Finding[] {
  const differs = (detail: string): Finding => ({ code: "architecture_differs", detail: `${configPath} ${detail}`, path: configPath });
  const findings: Finding[] = [];
  const { hiddenSize, vocabulary, layers } = architecture;
  const embedding = embeddingOf(weights);
  const [rows = 0, columns = 0] = embedding?.shape ?? [];
  if (embedding !== undefined && vocabulary !== null && rows !== vocabulary)
    findings.push(differs(`says a vocabulary of ${vocabulary}; ${short(embedding.name)} has ${rows} rows`));
  if (embedding !== undefined && hiddenSize !== null && columns !== hiddenSize)
    findings.push(differs(`says a hidden size of ${hiddenSize}; ${short(embedding.name)} has ${columns} columns`));
  const numbers = new Set([...weights.tensors.keys()].flatMap((name) => LAYER.exec(name)?.[1] ?? []));
  if (layers !== null && numbers.size > 0 && numbers.size !== layers)
    findings.push(differs(`says ${layers} layers; the weights have ${numbers.size}`));
  return findings;
}
