import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { systemViewer } from "../../platform/database/viewer.js";

/** The platform transferring by itself; its name stands in the audit log. */
export const IMPORTER = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "importer");
