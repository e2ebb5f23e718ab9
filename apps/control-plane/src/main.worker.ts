import { loadConfig } from "./platform/config.js";
import { serve } from "./serve.js";

/** Runs queue handlers and loops; listens on no port. */
await serve(() => ({ ...loadConfig(), role: "worker" }));
