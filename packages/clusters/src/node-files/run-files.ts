import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ProcessIdentity } from "./process-identity.js";

/** `job.json`: which runner holds this folder. The runner writes it while it holds the folder's lock. */
const JobFile = z.looseObject({ key: z.string(), restarts: z.number().int(), startedAt: z.string(), process: ProcessIdentity });
export type JobFile = z.infer<typeof JobFile>;

/** `exit.json`: the runner's final word, written last and by rename. */
const ExitFile = z.looseObject({
  code: z.number().int(),
  endedAt: z.string(),
  detail: z.string().nullable().optional(),
  cpuSeconds: z.number().optional(),
  maxMemoryBytes: z.number().optional(),
});
export type ExitFile = z.infer<typeof ExitFile>;

/** `trainer.json`: the training program, for the case that its runner can no longer stop it. */
const TrainerFile = z.looseObject({ process: ProcessIdentity });

const CancelFile = z.strictObject({ askedAt: z.number() });

/** The files that stand for a run between restarts of whoever watches it. */
export class RunFiles {
  constructor(readonly folder: string) {}

  job(): Promise<JobFile | null> {
    return this.read("job.json", JobFile);
  }

  exit(): Promise<ExitFile | null> {
    return this.read("exit.json", ExitFile);
  }

  async trainer(): Promise<ProcessIdentity | null> {
    return (await this.read("trainer.json", TrainerFile))?.process ?? null;
  }

  /** Milliseconds since the epoch of the first request to stop; `now` becomes it when there was none. */
  async cancelAskedAt(now: number): Promise<number> {
    const earlier = await this.read("cancel.json", CancelFile);
    if (earlier !== null) return earlier.askedAt;
    await writeFile(join(this.folder, "cancel.json"), JSON.stringify({ askedAt: now }));
    return now;
  }

  private async read<T extends z.ZodType>(name: string, schema: T): Promise<z.output<T> | null> {
    const text = await readFile(join(this.folder, name), "utf8").catch(() => null);
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }
}
