import { inject as provided } from "vitest";
import type { Seed } from "./seed.js";

/** A platform that holds the seed, and where its things lie. */
export interface SeededPlatform {
  readonly url: string;
  readonly dataDir: string;
  /** A folder that the platform may import from. */
  readonly importRoot: string;
  readonly seed: Seed;
}

declare module "vitest" {
  export interface ProvidedContext {
    /** One for each worker. */
    platforms: readonly SeededPlatform[];
  }
}

/** Something of the platform that this worker's journeys have to themselves, one file after the other. */
export function inject<Key extends keyof SeededPlatform>(key: Key): SeededPlatform[Key] {
  const worker = Number(process.env.VITEST_POOL_ID);
  const platform = provided("platforms")[worker - 1];
  if (platform === undefined) throw new Error(`there is no platform for worker ${worker}`);
  return platform[key];
}
