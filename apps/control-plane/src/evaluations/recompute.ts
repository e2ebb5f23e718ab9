import type { Readable } from "node:stream";
import { type DataFormat, EvaluationItem, type Violation } from "@ziggurat/contracts";
import { linesOf } from "./lines-of.js";

/** A score found from the items themselves. Exactly one of the figures is set. */
export interface Score {
  readonly exactMatch: number | null;
  readonly perplexity: number | null;
}

export type Recomputed =
  | { readonly ok: true; readonly rows: number; readonly score: Score }
  | { readonly ok: false; readonly violation: Violation };

/**
 * Reads an item file and computes what it proves. There must be one item for each of the dataset's `rows`, numbered from 0.
 * An item is correct when its output equals what was expected but for blanks around, whatever it says of itself. Perplexity is
 * exp(sum of negative log likelihoods / tokens), as in Jelinek et al. 1977.
 */
export async function recompute(source: Readable, format: DataFormat, rows: number): Promise<Recomputed> {
  let next = 0;
  let correct = 0;
  let tokens = 0;
  let nll = 0;
  for await (const line of linesOf(source)) {
    if (line === "") continue;
    const item = itemOf(line);
    if (item === null || item.format !== format) return broken(`item ${next} is not an item of ${format} rows`);
    if (item.index !== next) return broken(`item ${next} is numbered ${item.index}`);
    if (item.format === "chat") {
      correct += item.output.trim() === item.expected.trim() ? 1 : 0;
    } else {
      tokens += item.tokens;
      nll += item.nll;
    }
    next += 1;
  }
  if (next !== rows) return broken(`there are ${next} items for ${rows} rows`);
  if (format === "chat") return { ok: true, rows, score: { exactMatch: correct / rows, perplexity: null } };
  const perplexity = Math.exp(nll / tokens);
  if (!Number.isFinite(perplexity)) return broken("the items give no finite perplexity");
  return { ok: true, rows, score: { exactMatch: null, perplexity } };
}

function itemOf(line: string): EvaluationItem | null {
  try {
    return EvaluationItem.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

function broken(detail: string): Recomputed {
  return { ok: false, violation: { code: "evaluation_items", detail } };
}
