import { execFileSync } from "node:child_process";
import type { TestProject } from "vitest/node";
import type {} from "./here.js";
import { importRootOf, makeDataDir, type Platform, removeDataDir, startPlatform } from "./platform.js";
import { type Seed, seedPyramid } from "./seed.js";

/** Builds a small pyramid by real training, once, and starts a platform on it for each worker: no journey sees what another does meanwhile. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDirs = Array.from({ length: Number(project.config.maxWorkers) }, makeDataDir);
  const running: Platform[] = [];
  const end = async () => {
    await Promise.all(running.map((platform) => platform.stop()));
    for (const dataDir of dataDirs) removeDataDir(dataDir);
  };
  try {
    const seed = await seedIn(dataDirs);
    running.push(...(await Promise.all(dataDirs.map((dataDir) => startPlatform(dataDir)))));
    project.provide(
      "platforms",
      running.map(({ url, dataDir }) => ({ url, dataDir, importRoot: importRootOf(dataDir), seed })),
    );
  } catch (error) {
    await end();
    throw error;
  }
  return end;
}

/** Seeds a platform in the first folder, and copies what it left to the others. */
async function seedIn([first = "", ...others]: readonly string[]): Promise<Seed> {
  const platform = await startPlatform(first);
  const seed = await seedPyramid(platform.url).finally(() => platform.stop());
  // The database's files belong to an OS user of its own, which only a copy that keeps owners leaves so.
  for (const other of others) execFileSync("cp", ["-a", first, other]);
  return seed;
}
