/**
 * The vocabulary of Ziggurat and every shape that crosses a process: HTTP, queue, runner, trainer.
 * It decides nothing, knows no tier's rules, and depends on zod only.
 */

export * from "./access-review.js";
export * from "./alias-guards.js";
export * from "./audit.js";
export * from "./check-hyperparameters.js";
export * from "./clean-ups.js";
export * from "./clusters.js";
export * from "./comparisons.js";
export * from "./datasets.js";
export * from "./devices.js";
export * from "./entitlements.js";
export * from "./evaluations.js";
export * from "./evidence.js";
export * from "./exits.js";
export * from "./exports.js";
export * from "./failures.js";
export * from "./federation.js";
export * from "./garbage.js";
export * from "./governance.js";
export * from "./holds.js";
export * from "./hyperparameters.js";
export * from "./imports.js";
export * from "./inspections.js";
export * from "./institutions.js";
export * from "./integrity.js";
export * from "./jobs.js";
export * from "./lineage.js";
export * from "./lineage-reach.js";
export * from "./models.js";
export * from "./open-lineage.js";
export * from "./passkeys.js";
export * from "./paths.js";
export * from "./placement.js";
export * from "./primitives.js";
export * from "./problem.js";
export * from "./purges.js";
export * from "./queue.js";
export * from "./quotas.js";
export * from "./recalls.js";
export * from "./registrations.js";
export * from "./rights.js";
export * from "./runner.js";
export * from "./scheduling.js";
export * from "./scim.js";
export * from "./seals.js";
export * from "./search.js";
export * from "./search-query.js";
export * from "./secret-key.js";
export * from "./separation.js";
export * from "./service-accounts.js";
export * from "./session.js";
export * from "./statements.js";
export * from "./trainer.js";
export * from "./vocabulary.js";
