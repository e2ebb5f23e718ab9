import { defineConfig } from "vitest/config";

/** Every workspace tests from source: workspace packages resolve through their `source` export, so no build comes first. */
export default defineConfig({
  resolve: { conditions: ["source", "module", "import", "default"] },
  ssr: { resolve: { conditions: ["source", "module", "import", "default"], externalConditions: ["source"] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: { include: ["src/**/*.test.ts"], environment: "node", testTimeout: 20_000, hookTimeout: 60_000 },
});
