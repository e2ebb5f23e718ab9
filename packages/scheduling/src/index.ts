/**
 * Which job may move where, which runs next, why the others wait, and what a run will cost.
 * It refuses to know clocks, databases and engines: the time and every fact come in as arguments.
 */
export * from "./admission.js";
export * from "./classify-failure.js";
export * from "./cost.js";
export * from "./estimate-run.js";
export * from "./job-states.js";
export * from "./months.js";
export * from "./moves-for.js";
export * from "./quota.js";
export * from "./shared-cost.js";
export * from "./statement.js";
export * from "./thin-metric.js";
export * from "./wait-reasons.js";
