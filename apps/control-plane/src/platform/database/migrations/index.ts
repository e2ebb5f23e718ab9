import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { AddExports1796200000000 } from "./1796200000000-add-exports.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [CreatePyramid1795000000000, AddExports1796200000000];
