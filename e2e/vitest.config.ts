import { defineConfig, mergeConfig } from "vitest/config";
import preset from "../vitest.preset.js";

/** One after the other: what measures a browser must not share the machine with what floods a server. */
const inTurn = (groupOrder: number) => ({ fileParallelism: false, sequence: { groupOrder } });

export default mergeConfig(
  preset,
  defineConfig({
    test: {
      projects: [
        // Two institutions on a platform of its own, and everybody of the one against everything of the other.
        {
          extends: true,
          test: { ...inTurn(0), name: "attack", include: ["attack/**/*.test.ts"], hookTimeout: 180_000, testTimeout: 180_000 },
        },
        // One platform for all journeys, seeded once by real training; pages come from the built console.
        {
          extends: true,
          test: {
            ...inTurn(1),
            name: "journeys",
            include: ["journeys/**/*.test.ts"],
            globalSetup: ["support/global-setup.ts"],
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
