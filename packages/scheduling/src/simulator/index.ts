/** A world in which admission can be watched without a cluster: synthetic load, a discrete-event simulation, and a plain peer. Ships in no product. */
export * from "./breaches.js";
export * from "./fifo-backfill.js";
export * from "./load.js";
export * from "./policy.js";
export * from "./random.js";
export * from "./simulate.js";
