import { loadConfig } from "./platform/config.js";
import { serve } from "./serve.js";

/** Both roles in one process, or the one that ZIGGURAT_ROLE names. */
await serve(loadConfig);
