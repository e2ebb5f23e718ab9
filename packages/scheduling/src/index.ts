/**
 * Which job may move where, which runs next and on which cluster, why the others wait, and what a run will cost.
 * It refuses to know clocks, databases and engines: the time and every fact come in as arguments.
 */
export * from "./admission/admit.js";
export * from "./admission/decision.js";
export * from "./admission/reasons.js";
export * from "./admission/situation.js";
export * from "./capacity/floors.js";
export * from "./capacity/job-window.js";
export * from "./capacity/reservations.js";
export * from "./classify-failure.js";
export * from "./cost.js";
export * from "./estimate-run.js";
export * from "./fair-share/decayed-use.js";
export * from "./fair-share/shares.js";
export * from "./guards.js";
export * from "./job-states.js";
export * from "./months.js";
export * from "./moves-for.js";
export * from "./placement/check-resources.js";
export * from "./placement/cluster-state.js";
export * from "./placement/match-clusters.js";
export * from "./priority.js";
export * from "./quota.js";
export * from "./shared-cost.js";
export * from "./statement.js";
export * from "./thin-metric.js";
export * from "./wait-reasons.js";
