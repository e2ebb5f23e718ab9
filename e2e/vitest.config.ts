import { defineConfig, mergeConfig } from "vitest/config";
import preset from "../vitest.preset.js";

/** One platform for all journeys, seeded once by real training; pages come from the built console. */
export default mergeConfig(
  preset,
  defineConfig({
    test: {
      include: ["journeys/**/*.test.ts"],
      globalSetup: ["support/global-setup.ts"],
      fileParallelism: false,
      testTimeout: 90_000,
      hookTimeout: 120_000,
    },
  }),
);
