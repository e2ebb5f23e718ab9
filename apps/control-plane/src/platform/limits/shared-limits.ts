import { createHmac, hkdfSync } from "node:crypto";
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from "@nestjs/common";
import { CONFIG, type Config } from "../config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../database/ids.js";
import { UnitOfWork } from "../database/unit-of-work.js";
import { systemViewer } from "../database/viewer.js";
import { PlatformKeys } from "../keys/platform-keys.js";
import { Loop } from "../loop.js";
import { areShared } from "./are-shared.js";
import { RequestLimits } from "./request-limits.js";

const counter = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "limits");

/** How long one process may not know what was let through at another. */
const EXCHANGE_MS = 500;
/** Callers told of in one statement. */
const BATCH = 5000;

/**
 * Makes the quotas of several processes with the HTTP role one: each lets through by what it knows, tells the others twice a second what it
 * let through, and learns what they did. No request waits for it. What all of them let through too much in between is owed: it keeps the
 * caller waiting until it has come back, so that over time no more passes than one process would let through.
 */
@Injectable()
export class SharedLimits implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly key: Buffer;
  private loop: Loop | null = null;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly limits: RequestLimits,
    keys: PlatformKeys,
    @Inject(CONFIG) private readonly config: Pick<Config, "role" | "database">,
  ) {
    this.key = Buffer.from(hkdfSync("sha256", keys.cursorKey, "", "ziggurat request limits", 32));
  }

  onApplicationBootstrap(): void {
    // The database that the platform brings along has one process with this role, and nobody to tell.
    if (areShared(this.config)) this.loop = new Loop("request limits", EXCHANGE_MS, () => this.exchange());
  }

  async onModuleDestroy(): Promise<void> {
    await this.loop?.stop();
  }

  /** Tells what was let through here since the last time, and learns what is used of it altogether. Asks nothing when nobody came. */
  async exchange(): Promise<void> {
    for (let told = BATCH; told === BATCH; ) {
      const batch = this.limits.takeSpent(BATCH);
      told = batch.size;
      if (told === 0) return;
      try {
        await this.tell(batch);
      } catch (error) {
        this.limits.giveBack(batch);
        throw error;
      }
    }
  }

  private async tell(spent: ReadonlyMap<string, number>): Promise<void> {
    const callers = new Map([...spent.keys()].map((caller) => [this.digest(caller), caller]));
    const rows = await this.unitOfWork.note(counter, async (tx) => {
      // Always in one order, so that no two processes wait for each other.
      const told = await tx.query<{ key: string; used: number }>(
        `insert into request_buckets as b (key, full_at)
           select key, now() + ms * interval '1 millisecond' from unnest($1::text[], $2::float8[]) as s (key, ms) order by key
         on conflict (key) do update set full_at = greatest(b.full_at, now()) + (excluded.full_at - now())
         returning key, extract(epoch from full_at - now())::float8 * 1000 as used`,
        [[...callers.keys()], [...spent.values()]],
      );
      await tx.query(
        `delete from request_buckets where key in (
           select key from request_buckets where full_at < now() - interval '1 minute' limit 1000 for update skip locked)`,
      );
      return told;
    });
    for (const { key, used } of rows) {
      const caller = callers.get(key);
      if (caller !== undefined) this.limits.learn(caller, used);
    }
  }

  private digest(caller: string): string {
    return createHmac("sha256", this.key).update(caller).digest("base64url");
  }
}
