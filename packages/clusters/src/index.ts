/**
 * One port to every engine that runs attempts, and the engines behind it.
 * It refuses to decide which job runs and to remember anything a job's row should know: it submits, finds, watches and stops.
 */
export * from "./cluster-driver.js";
export * from "./conformance.js";
export * from "./fake-driver.js";
export * from "./local/local-driver.js";
export * from "./slurm/slurm-driver.js";
