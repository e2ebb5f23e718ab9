import { defineConfig, mergeConfig } from "vitest/config";
import preset from "../../vitest.preset.js";

/** One embedded PostgreSQL serves the whole run; see `test/global-setup.ts` and `freshDatabase()`. */
export default mergeConfig(
  preset,
  defineConfig({ test: { include: ["src/**/*.test.ts", "test/**/*.test.ts"], globalSetup: ["test/global-setup.ts"] } }),
);
