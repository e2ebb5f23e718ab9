/**
 * Tier 1: what a foundation model must be before others may stand on it.
 * It says nothing about finance or institutions, and reads no files and no database.
 */
export { foundationPolicy } from "./policy.js";
