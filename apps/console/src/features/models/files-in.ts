import { pageOf, VersionFile } from "@ziggurat/contracts";
import { z } from "zod";
import { readTolerantly } from "../../lib/read-tolerantly.js";

/** Files of a version, from a page or a bare list. */
export function filesIn(answer: unknown): VersionFile[] {
  return Array.isArray(answer) ? readTolerantly(z.array(VersionFile), answer) : readTolerantly(pageOf(VersionFile), answer).data;
}
