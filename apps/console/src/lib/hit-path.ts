import type { SearchHit } from "@ziggurat/contracts";
import { to } from "./console-paths.js";

/** The page that a search result stands for. People have none of their own: they are on their institution's. */
export function hitPath({ kind, ref, owner }: Pick<SearchHit, "kind" | "ref" | "owner">): string {
  switch (kind) {
    case "model":
      return to.model(ref);
    case "version":
      return to.version(ref);
    case "dataset":
      return to.dataset(ref);
    case "institution":
    case "person":
      return to.institution(owner);
  }
}

/** Enough to look for: two letters, or one ideograph, which says as much. */
export function isEnoughToSearch(text: string): boolean {
  return text.length >= 2 || /(?!\p{Script=Latin})\p{L}/u.test(text);
}
