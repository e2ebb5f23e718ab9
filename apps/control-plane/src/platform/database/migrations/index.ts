import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { AddInspections1796000000000 } from "./1796000000000-add-inspections.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [CreatePyramid1795000000000, AddInspections1796000000000];
