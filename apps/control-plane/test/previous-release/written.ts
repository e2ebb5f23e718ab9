import { join } from "node:path";

/** What the previous release left behind. */
export const WRITTEN = join(import.meta.dirname, "written");
/** Folders of a data directory beside the database. */
export const FOLDERS = ["blobs", "audit-heads"] as const;
