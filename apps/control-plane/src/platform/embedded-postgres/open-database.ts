import { openEmbedded, type StartLog } from "./embedded.js";
import { prepareOutside } from "./outside.js";
import type { ProcessRole } from "./role-locks.js";

/** The part of the configuration that decides about the database. */
export interface DatabaseRequest {
  readonly dataDir: string;
  readonly role: ProcessRole;
  readonly database: { readonly url: string | null };
  readonly queue: { readonly url: string | null };
}

/** A database ready for migrations and the application. */
export interface OpenDatabase {
  /** Owner of the tables: migrations only. */
  readonly ownerUrl: string;
  /** The application: no superuser, bound by row-level security. */
  readonly appUrl: string;
  /** The queue: QUEUE_URL where set, else schema `bullmq` of the same database. */
  readonly queueUrl: string;
  readonly mode: "embedded" | "external";
  /** For people: the folder of the embedded database, or the outside address without its password. */
  readonly location: string;
  /** Call last, after every pool is closed: the last process to leave stops the embedded server. */
  release(): Promise<void>;
}

/**
 * Opens the platform's database: an outside PostgreSQL where DATABASE_URL is set, else the embedded one of the data directory.
 * Throws StartRefusal with words for the operator. `onLost` is called when a lost embedded server cannot be brought back.
 */
export async function openDatabase(request: DatabaseRequest, log: StartLog, onLost?: (reason: Error) => void): Promise<OpenDatabase> {
  if (request.database.url !== null) {
    const urls = await prepareOutside(request.database.url);
    const location = withoutPassword(request.database.url);
    log.info(`Using the PostgreSQL at ${location}.`);
    return {
      ownerUrl: urls.owner,
      appUrl: urls.app,
      queueUrl: request.queue.url ?? urls.queue,
      mode: "external",
      location,
      release: () => Promise.resolve(),
    };
  }
  const embedded = await openEmbedded({ dataDir: request.dataDir, role: request.role, onLost }, log);
  return {
    ownerUrl: embedded.urls.owner,
    appUrl: embedded.urls.app,
    queueUrl: request.queue.url ?? embedded.urls.app,
    mode: "embedded",
    location: embedded.home,
    release: embedded.release,
  };
}

function withoutPassword(url: string): string {
  const address = new URL(url);
  address.password = "";
  address.search = "";
  return address.href;
}
