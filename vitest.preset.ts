import { defineConfig } from "vitest/config";

/**
 * Every workspace tests from source: workspace packages resolve through their `source` export, so no build comes first.
 * The server-side list carries nothing that Node decides itself: vitest hands it to Node, and "import" there would break `require` of dual packages.
 */
export default defineConfig({
  resolve: { conditions: ["source", "module", "import", "default"] },
  ssr: { resolve: { conditions: ["source", "node"], externalConditions: ["source", "node"] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    // Test files wait for processes and databases more than they compute, so every core gets one; vitest alone would leave one idle.
    maxWorkers: "100%",
    // A worker loads the code under test once for all its files, which takes longer than most of them. What a test replaces is put back.
    isolate: false,
    restoreMocks: true,
    include: ["src/**/*.test.ts"],
    environment: "node",
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
