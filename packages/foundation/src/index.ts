/**
 * Tier 1: what a foundation model must be before others may stand on it, and what a checkpoint of any tier is found to be.
 * It says nothing about finance or institutions, knows no database, and reads bytes only through the door it is given.
 */
export * from "./inspect/index.js";
export { foundationPolicy } from "./policy.js";
