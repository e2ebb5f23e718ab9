import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { importRootOf, makeDataDir, removeDataDir, startPlatform } from "./platform.js";
import { type Seed, seedPyramid } from "./seed.js";

declare module "vitest" {
  export interface ProvidedContext {
    url: string;
    dataDir: string;
    /** A folder that the platform may import from. */
    importRoot: string;
    seed: Seed;
  }
}

/** Starts the platform and builds a small pyramid on it by real training, once for all journeys. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = makeDataDir();
  const platform = await startPlatform(dataDir);
  try {
    project.provide("url", platform.url);
    project.provide("dataDir", dataDir);
    project.provide("importRoot", importRootOf(dataDir));
    project.provide("seed", await seedPyramid(platform.url));
  } catch (error) {
    await platform.stop();
    throw error;
  }
  return async () => {
    await platform.stop();
    removeDataDir(dataDir);
  };
}
