import { defineConfig } from "vitest/config";
import preset from "../../vitest.preset.js";

/** Runs the program that writes a release's data directory down; see `test/previous-release/README.md`. */
export default defineConfig({ ...preset, test: { ...preset.test, include: ["test/previous-release/write.ts"] } });
