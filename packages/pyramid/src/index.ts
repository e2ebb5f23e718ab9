/**
 * What all tiers share: the shape of a tier's policy, the facts rules look at, and the checks that ask any policy the same way.
 * It knows no tier by itself, no database and no clock, and never decides for a tier what its policy must say.
 */
export * from "./alias-guard.js";
export * from "./builders.js";
export * from "./check-card.js";
export * from "./check-derivation.js";
export * from "./check-files.js";
export * from "./check-listing.js";
export * from "./check-register.js";
export * from "./check-tune.js";
export * from "./clean-up.js";
export * from "./compare-versions.js";
export * from "./conformance.js";
export * from "./effective-terms.js";
export * from "./facts.js";
export * from "./file-kinds.js";
export * from "./garbage.js";
export * from "./gates.js";
export * from "./holds.js";
export * from "./hyperparameters.js";
export * from "./import-moves.js";
export * from "./methods.js";
export * from "./moves.js";
export * from "./permissions.js";
export * from "./purge.js";
export * from "./recall.js";
export * from "./root-digest.js";
export * from "./seal-record.js";
export * from "./separation.js";
export * from "./standing.js";
export * from "./tier-policy.js";
export * from "./version-states.js";
