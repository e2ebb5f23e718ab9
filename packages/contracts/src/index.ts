/**
 * The vocabulary of Ziggurat and every shape that crosses a process: HTTP, queue, runner, trainer.
 * It decides nothing, knows no tier's rules, and depends on zod only.
 */
export * from "./check-hyperparameters.js";
export * from "./datasets.js";
export * from "./evaluations.js";
export * from "./failures.js";
export * from "./governance.js";
export * from "./hyperparameters.js";
export * from "./inspections.js";
export * from "./institutions.js";
export * from "./jobs.js";
export * from "./lineage.js";
export * from "./models.js";
export * from "./paths.js";
export * from "./primitives.js";
export * from "./problem.js";
export * from "./queue.js";
export * from "./runner.js";
export * from "./session.js";
export * from "./trainer.js";
export * from "./vocabulary.js";
