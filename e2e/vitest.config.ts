import { defineConfig, mergeConfig } from "vitest/config";
import preset from "../vitest.preset.js";

export default mergeConfig(
  preset,
  defineConfig({
    test: {
      projects: [
        // Two institutions on a platform of its own, and everybody of the one against everything of the other.
        {
          extends: true,
          test: {
            name: "attack",
            include: ["attack/**/*.test.ts"],
            // Before the journeys: what measures a browser must not share the machine with what floods a server.
            sequence: { groupOrder: 0 },
            fileParallelism: false,
            hookTimeout: 180_000,
            testTimeout: 180_000,
          },
        },
        // A platform for each worker, seeded once by real training; pages come from the built console.
        {
          extends: true,
          test: {
            name: "journeys",
            include: ["journeys/**/*.test.ts"],
            globalSetup: ["support/global-setup.ts"],
            sequence: { groupOrder: 1 },
            maxWorkers: 2,
            testTimeout: 90_000,
            hookTimeout: 120_000,
          },
        },
        // Drivers against real engines, each file on one of its own; they wait far more than they compute.
        {
          extends: true,
          test: {
            sequence: { groupOrder: 2 },
            name: "clusters",
            include: ["clusters/**/*.test.ts"],
            globalSetup: ["clusters/slurm/set-up.ts"],
            testTimeout: 120_000,
            hookTimeout: 120_000,
          },
        },
      ],
    },
  }),
);
