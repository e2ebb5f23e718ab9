import type {} from "vitest";
import type { TestProject } from "vitest/node";
import { whyNoSlurm } from "./packages.js";
import { sweepSlurm } from "./slurm-fixture.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Why no Slurm can run here; null where it can. */
    whyNoSlurm: string | null;
  }
}

/** Installs Slurm where this machine lets us, once for all files; elsewhere says that its tests are skipped, and why. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const say = (line: string) => process.stdout.write(`[slurm] ${line}\n`);
  const reason = await whyNoSlurm(say);
  if (reason !== null) say(`SKIPPED: the tests against a real Slurm do not run, because ${reason}.`);
  project.provide("whyNoSlurm", reason);
  await sweepSlurm();
  // A file that was killed could not end its own.
  return sweepSlurm;
}
