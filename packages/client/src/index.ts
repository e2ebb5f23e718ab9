/**
 * A client of the public API for Node programs: one signed-in person, uploads that resume, and registering what is not there yet.
 * It knows no database and no rule; it refuses to see what a person could not see.
 */
export * from "./api.js";
export * from "./api-problem.js";
export * from "./registry.js";
export * from "./upload.js";
