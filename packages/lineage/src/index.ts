/**
 * The derivation graph as plain data: where a version joins a line, what the line closure gains, how far things lie apart.
 * It neither stores nor fetches a graph, and does not judge whether an edge is allowed: that is the tiers' business.
 */
export * from "./edges.js";
export * from "./line-closure.js";
export * from "./place-on-line.js";
export * from "./ways-up.js";
