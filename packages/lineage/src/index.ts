/**
 * The derivation graph as plain data: where a version joins a line, what the line closure gains, how far things lie apart, and how
 * an ancestry is written in the open formats of others. It neither stores nor fetches a graph, and does not judge whether an edge
 * is allowed: that is the tiers' business.
 */
export * from "./check-run-event.js";
export * from "./edges.js";
export * from "./evidence/check-instant.js";
export * from "./evidence/evidence-documents.js";
export * from "./evidence/evidence-facts.js";
export * from "./evidence/read-me.js";
export * from "./exports/cyclone-dx.js";
export * from "./exports/in-toto.js";
export * from "./exports/model-signing.js";
export * from "./exports/names.js";
export * from "./exports/open-lineage.js";
export * from "./exports/prov.js";
export * from "./exports/provenance.js";
export * from "./exports/report.js";
export * from "./line-closure.js";
export * from "./place-on-line.js";
export * from "./ways-up.js";
