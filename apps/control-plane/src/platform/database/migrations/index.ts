import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { CreateImports1796100000000 } from "./1796100000000-create-imports.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [CreatePyramid1795000000000, CreateImports1796100000000];
