/**
 * Tier 2: what makes a model an industry model of finance, and what it must not have forgotten on the way.
 * It never learns from an institution's data, knows no other tier's package, and reads no database.
 */

export { GENERAL_LIMIT } from "./perplexity-gates.js";
export { financePolicy } from "./policy.js";
