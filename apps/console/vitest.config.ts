import react from "@vitejs/plugin-react";
import { defineConfig, mergeConfig } from "vitest/config";
import preset from "../../vitest.preset.js";

export default mergeConfig(
  preset,
  defineConfig({
    plugins: [react()],
    test: { include: ["src/**/*.test.{ts,tsx}", "*.test.ts"], environment: "jsdom", setupFiles: ["src/test/setup.ts"], css: false },
  }),
);
