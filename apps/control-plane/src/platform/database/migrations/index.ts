import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { RememberStates1796300000000 } from "./1796300000000-remember-states.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [CreatePyramid1795000000000, RememberStates1796300000000];
