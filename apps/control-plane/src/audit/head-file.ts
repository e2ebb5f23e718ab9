import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Inject, Injectable } from "@nestjs/common";
import { z } from "zod";
import { CONFIG, type Config } from "../platform/config.js";

const SignedHead = z.object({
  institutionId: z.string(),
  sequence: z.number().int(),
  digest: z.string(),
  at: z.string(),
  signature: z.string(),
});
export type SignedHead = z.infer<typeof SignedHead>;

/**
 * The newest signed head of each chain, kept outside the database: whoever cuts off the end of a chain together with its
 * checkpoint would have to reach this folder too. On a machine without it only the checkpoints in the database speak.
 */
@Injectable()
export class HeadFile {
  private readonly directory: string;

  constructor(@Inject(CONFIG) config: Pick<Config, "dataDir">) {
    this.directory = join(config.dataDir, "audit-heads");
  }

  /** Of two heads the further one stays. */
  async remember(head: SignedHead): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const path = this.pathOf(head.institutionId);
    const newest = await this.read(head.institutionId);
    if (newest !== null && newest.sequence > head.sequence) return;
    // Several sealers may be at it at once, in one process or in many: each has a file of its own until it takes the place.
    const own = `${path}.${randomUUID()}.new`;
    await writeFile(own, JSON.stringify(head), { mode: 0o600 });
    await rename(own, path);
  }

  /** Null where nothing was remembered here, or what lies there is no head. */
  async read(institutionId: string): Promise<SignedHead | null> {
    const text = await readFile(this.pathOf(institutionId), "utf8").catch(() => null);
    if (text === null) return null;
    try {
      return SignedHead.parse(JSON.parse(text));
    } catch {
      return null;
    }
  }

  private pathOf(institutionId: string): string {
    return join(this.directory, `${createHash("sha256").update(institutionId).digest("hex").slice(0, 32)}.json`);
  }
}
