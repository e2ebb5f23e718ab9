import { type JobKind, METHODS_OF_KIND, type Method, type Relation } from "@ziggurat/contracts";

/** How a method's result relates to its parent. An evaluation derives nothing; pretraining starts from random weights. */
export const RELATION_OF_METHOD: Record<Method, Relation | null> = {
  pretrain: null,
  continued: "pretrained_from",
  full: "finetuned_from",
  lora: "adapter_of",
  evaluate: null,
  merge: "merged_from",
};

/** Methods that start from something: all but pretraining. */
export function needsBase(method: Method): boolean {
  return method !== "pretrain";
}

/** Method of a request: as asked, or the only one of its kind. Null when it must be named and is not. */
export function methodOf(kind: JobKind, method: Method | undefined): Method | null {
  if (method !== undefined) return method;
  const [only, ...others] = METHODS_OF_KIND[kind];
  return others.length === 0 && only !== undefined ? only : null;
}
