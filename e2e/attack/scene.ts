import { createHmac, hkdfSync } from "node:crypto";
import { Database } from "./database.js";
import type { Holdings } from "./holdings.js";
import { makeFolder, type Platform, removeFolder, startPlatform } from "./platform.js";
import { type Institution, seedInstitution } from "./seed/institution.js";
import type { Person } from "./seed/people.js";
import { reachEveryone, seedShared } from "./seed/shared.js";
import { hiddenOf, lentBy, takeStock, withHidden } from "./take-stock.js";

/** Two institutions and the platform's people on a platform that does nothing by itself any more. */
export interface Scene {
  readonly url: string;
  readonly database: Database;
  readonly north: Bank;
  readonly south: Bank;
  /** The same two with their parts exchanged: whom the second attacks, and the second as an attacker. */
  readonly back: { readonly north: Bank; readonly south: Bank };
  readonly platformPeople: readonly Person[];
  close(): Promise<void>;
}

export interface Bank extends Institution {
  readonly holdings: Holdings;
  /** Token of a run that goes on. */
  readonly runToken: string;
}

/** Seeds with a worker that carries out what is asked for, then starts again without one. */
export async function setScene(say: (line: string) => void): Promise<Scene> {
  const folder = makeFolder();
  let platform: Platform | null = null;
  let database: Database | null = null;
  const close = async () => {
    await database?.close().catch(() => undefined);
    await platform?.stop();
    removeFolder(folder);
  };
  try {
    platform = await startPlatform(folder, "all");
    database = await Database.open(platform.dataDir);
    const shared = await seedShared(platform.url, database);
    const north = await seedInstitution(platform, database, shared, "northbank", "wombat");
    say("northbank is seeded");
    const south = await seedInstitution(platform, database, shared, "southbank", "quokka");
    await reachEveryone(shared);
    say("southbank is seeded");
    await database.close();
    await platform.stop();
    platform = await startPlatform(folder, "http");
    database = await Database.open(platform.dataDir);
    const { url } = platform;
    const moved = (people: readonly Person[]) => people.map((person) => ({ ...person, url }));
    const lent = await lentBy(database);
    const bank = async (institution: Institution, opened: Database): Promise<Bank> => {
      const runToken = await keepRunning(opened, institution);
      return { ...institution, people: moved(institution.people), holdings: await takeStock(opened, institution, lent), runToken };
    };
    const [northern, southern] = [await bank(north, database), await bank(south, database)];
    const hidden = await hiddenOf(database);
    return {
      url,
      database,
      north: northern,
      south: withHidden(southern, hidden),
      back: { north: southern, south: withHidden(northern, hidden) },
      platformPeople: moved(shared.people),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes one run of an institution back into the middle of its work; answers its token, as the platform derives it. */
async function keepRunning(database: Database, { firsts }: Institution): Promise<string> {
  const [attempt = ""] = await database.texts(
    "update attempts set state = 'running', ended_at = null, token_expires_at = now() + interval '1 day' where job_id = $1 returning id",
    [firsts.job],
  );
  await database.rows("update jobs set state = 'running' where id = $1", [firsts.job]);
  const [cursorKey = ""] = await database.texts("select private_key from platform_keys where name = 'cursor'");
  const key = Buffer.from(hkdfSync("sha256", Buffer.from(cursorKey, "base64"), "", "ziggurat run tokens", 32));
  return `zigrun_${createHmac("sha256", key).update(attempt).digest("base64url")}`;
}
