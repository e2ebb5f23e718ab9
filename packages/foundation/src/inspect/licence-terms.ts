import type { Terms } from "@ziggurat/contracts";

const FREE: Terms = { commercialUse: true, redistribution: true, regions: [] };

/**
 * What a licence named on a card forbids, as far as its name alone tells. Names are those the hub uses. A licence that is not known
 * here forbids nothing by itself: whoever registers the model says more in its terms.
 */
export function termsOfLicence(licence: string | null): Terms {
  const name = (licence ?? "").toLowerCase();
  const isNonCommercial = /(?:^|-)nc(?:-|$)|non-?commercial|research/.test(name) || ["llama", "apple-amlr"].includes(name);
  const isClosed = /proprietary|all-rights-reserved/.test(name);
  return { ...FREE, commercialUse: !isNonCommercial, redistribution: !isClosed };
}
