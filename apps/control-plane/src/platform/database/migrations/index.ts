import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { ProveAudit1796400000000 } from "./1796400000000-prove-audit.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [CreatePyramid1795000000000, ProveAudit1796400000000];
