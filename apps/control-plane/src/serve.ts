import type { Config } from "./platform/config.js";
import { type OpenDatabase, openDatabase } from "./platform/embedded-postgres/open-database.js";
import { StartRefusal } from "./platform/start-refusal.js";
import type { StartedPlatform } from "./start-platform.js";

/** Longest a drain may take, milliseconds; what is not finished then is cut off, and the rows say where to go on. */
const DRAIN_MS = 20_000;

/** A terminal's Ctrl-C reaches us directly and once more through npm; signals this close together are one wish. Milliseconds. */
const SAME_WISH_MS = 2000;

/** What is open and has to be closed again, last opened first. */
interface Open {
  database: OpenDatabase | null;
  platform: StartedPlatform | null;
}

/** The whole life of one process: open the database, migrate, answer or work, and drain when told to stop. */
export async function serve(read: () => Config): Promise<void> {
  const open: Open = { database: null, platform: null };
  const stop = stopper(open);
  try {
    await start(read(), open, stop);
  } catch (error) {
    await close(open).catch(() => undefined);
    // Ends here and now: what had begun to start may hold timers and sockets that would keep a useless process alive.
    const words = error instanceof StartRefusal ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${words}\n`);
    process.exit(error instanceof StartRefusal ? error.exitCode : 1);
  }
}

async function start(config: Config, open: Open, stop: Stop): Promise<void> {
  // Loading the application takes as long as opening the database: both at once.
  const loading = Promise.all([import("./start-platform.js"), import("./platform/database/migrate.js")]);
  loading.catch(() => undefined);
  const log = { info: () => undefined, warn: (message: string) => process.stderr.write(`${message}\n`) };
  open.database = await openDatabase(config, log, () => stop(1));
  const [{ startPlatform }, { migrate }] = await loading;
  if (stop.isAsked()) return stop.now();
  await migrate(open.database.ownerUrl);
  if (stop.isAsked()) return stop.now();
  open.platform = await startPlatform(config, open.database, { announce });
  if (stop.isAsked()) return stop.now();
  announce(open.platform.url === null ? "Ziggurat is ready: the worker role is at work" : `Ziggurat is ready at ${open.platform.url}`);
}

function announce(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface Stop {
  (exitCode: number): void;
  /** A signal came while starting. */
  isAsked(): boolean;
  now(): void;
}

/** Drains once, on a signal or on a lost database; a later second signal leaves at once. */
function stopper(open: Open): Stop {
  let asked: { readonly exitCode: number; readonly at: number } | null = null;
  let isLeaving = false;
  const leave = (): void => {
    if (isLeaving) return;
    isLeaving = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    void close(open).then(
      () => process.exit(asked?.exitCode ?? 0),
      () => process.exit(1),
    );
  };
  const stop = (exitCode: number): void => {
    if (asked !== null && Date.now() - asked.at < SAME_WISH_MS) return;
    if (asked !== null) process.exit(1);
    asked = { exitCode, at: Date.now() };
    if (open.platform !== null) leave();
  };
  process.on("SIGTERM", () => stop(0));
  process.on("SIGINT", () => stop(0));
  return Object.assign(stop, { isAsked: () => asked !== null, now: leave });
}

async function close({ platform, database }: Open): Promise<void> {
  await platform?.close();
  await database?.release();
}
