import { loadConfig } from "./platform/config.js";
import { serve } from "./serve.js";

/** Answers requests; queue and loops run in `main.worker.ts`. */
await serve(() => ({ ...loadConfig(), role: "http" }));
