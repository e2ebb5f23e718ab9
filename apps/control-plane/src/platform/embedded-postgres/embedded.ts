import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { StartRefusal } from "../start-refusal.js";
import { type Cluster, openCluster } from "./cluster.js";
import { choosePlace } from "./place.js";
import { type LoginUrls, loginUrls, provision } from "./provision.js";
import { isAnyoneHere, leaveRole, type ProcessRole, sessionName, takeRole, throughTheDoor } from "./role-locks.js";
import { ensureRunning, type RunningServer, type StartOptions, stopServer } from "./server.js";

/** Where start-up speaks to the operator. */
export interface StartLog {
  info(message: string): void;
  warn(message: string): void;
}

export interface EmbeddedRequest {
  readonly dataDir: string;
  readonly role: ProcessRole;
  /** Server settings on top of ours; tests switch durability off here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called once when the server was lost and cannot be brought back on its port: the process should leave. */
  readonly onLost?: (reason: Error) => void;
}

export interface EmbeddedDatabase {
  readonly urls: LoginUrls;
  readonly port: number;
  readonly home: string;
  /** Gives the role back; the last process to leave stops the server. */
  release(): Promise<void>;
}

const attempts = 20;

/**
 * Adopts or starts the embedded server of a data directory and takes a role on it. While the role is held the server is watched:
 * if it dies, it is started again on the same port. Throws StartRefusal when the role is taken.
 */
export async function openEmbedded(request: EmbeddedRequest, log: StartLog): Promise<EmbeddedDatabase> {
  const place = choosePlace(request.dataDir);
  if (place.isOutside)
    log.warn(`The database lies in ${place.home}: OS user ${place.user?.name ?? "of this process"} cannot enter ${request.dataDir}.`);
  const cluster = await openCluster(place);
  const entered = await enter(cluster, request, { settings: request.settings });
  log.info(entered.server.wasAdopted ? `Adopted the database that runs in ${cluster.home}.` : `Started the database in ${cluster.home}.`);

  let session = entered.session;
  let isLeaving = false;
  let recovery: Promise<void> = Promise.resolve();
  const watch = (watched: pg.Client): void => {
    watched.once("end", () => {
      if (!isLeaving) recovery = recover();
    });
  };
  const recover = async (): Promise<void> => {
    log.warn("The database server is gone; starting it again.");
    try {
      session = (await enter(cluster, request, { settings: request.settings, fixedPort: entered.server.port })).session;
      watch(session);
      log.info("The database server is back.");
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      log.warn(`The database cannot be brought back: ${reason.message}`);
      request.onLost?.(reason);
    }
  };
  watch(session);

  return {
    urls: loginUrls(cluster, entered.server.port),
    port: entered.server.port,
    home: cluster.home,
    release: async () => {
      if (isLeaving) return;
      isLeaving = true;
      await recovery;
      await leave(cluster, session, request.role, log);
    },
  };
}

interface Entered {
  readonly server: RunningServer;
  readonly session: pg.Client;
}

/** A server may be stopped by the last process to leave between our finding it and our entering: then begin again. */
async function enter(cluster: Cluster, request: EmbeddedRequest, options: StartOptions): Promise<Entered> {
  let failure: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const server = await ensureRunning(cluster, options);
    const session = new pg.Client({
      connectionString: loginUrls(cluster, server.port).superuser,
      application_name: sessionName(request.role),
      keepAlive: true,
    });
    session.on("error", () => undefined);
    try {
      await session.connect();
      await throughTheDoor(session, async () => {
        await takeRole(session, request.role, request.dataDir);
        await provision(session, cluster, server.port);
      });
      return { server, session };
    } catch (error) {
      await session.end().catch(() => undefined);
      if (error instanceof StartRefusal || !isConnectionLoss(error)) throw error;
      failure = error;
      await pause(100);
    }
  }
  throw failure;
}

/** Session ended by the server (57P0x), or no answer at all. */
function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof pg.DatabaseError) return error.code?.startsWith("57P") === true;
  return /ECONNREFUSED|ECONNRESET|EPIPE|terminated|not queryable|Connection ended/i.test(
    `${"code" in error ? error.code : ""} ${error.message}`,
  );
}

async function leave(cluster: Cluster, session: pg.Client, role: ProcessRole, log: StartLog): Promise<void> {
  try {
    await throughTheDoor(session, async () => {
      await leaveRole(session, role);
      if (await isAnyoneHere(session)) log.info("Another process still uses the database; it keeps running.");
      else await stopServer(cluster);
    });
  } catch (error) {
    if (!isConnectionLoss(error)) throw error;
  }
  await session.end().catch(() => undefined);
}
