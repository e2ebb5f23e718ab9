import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { StartRefusal } from "../start-refusal.js";
import { postgresMajor } from "./binaries.js";
import { runAs } from "./os-user.js";
import { giveTo, type Place } from "./place.js";
import { isAlive } from "./postmaster.js";

const Secrets = z.object({ superuser: z.string(), owner: z.string(), app: z.string() });

/** Passwords of the three logins of one cluster; kept in `secrets.json`, readable by whoever starts Ziggurat only. */
export type Secrets = Readonly<z.infer<typeof Secrets>>;

/** An initialised data directory of PostgreSQL, running or not. */
export interface Cluster extends Place {
  /** What PostgreSQL calls PGDATA. */
  readonly dataDirectory: string;
  readonly secrets: Secrets;
}

/**
 * Opens the cluster of a place, making it first where there is none. It is made under another name and moved into place in
 * one step: a killed first start leaves nothing half-made, and of two first starts at once the second uses the first one's.
 */
export async function openCluster(place: Place): Promise<Cluster> {
  const dataDirectory = join(place.home, "cluster");
  if (!existsSync(join(dataDirectory, "PG_VERSION"))) await makeCluster(place);
  const version = readFileSync(join(dataDirectory, "PG_VERSION"), "utf8").trim();
  if (version !== postgresMajor) {
    throw new StartRefusal(
      `The database in ${place.home} was made by PostgreSQL ${version}; this Ziggurat ships ${postgresMajor}. Start the version that made it, or set DATABASE_URL.`,
    );
  }
  return { ...place, dataDirectory, secrets: readSecrets(place.home) };
}

function readSecrets(home: string): Secrets {
  try {
    return Secrets.parse(JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")));
  } catch (error) {
    throw new StartRefusal(
      `The passwords of the database in ${home} cannot be read (secrets.json): ${describe(error)}. Start as the OS user who made it.`,
    );
  }
}

async function makeCluster(place: Place): Promise<void> {
  clearAbandoned(place.home);
  const half = `${place.home}.new-${process.pid}`;
  const dataDirectory = join(half, "cluster");
  const secrets: Secrets = { superuser: password(), owner: password(), app: password() };
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  writeFileSync(join(half, "secrets.json"), `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
  const passwordFile = join(half, "superuser-password");
  writeFileSync(passwordFile, `${secrets.superuser}\n`, { mode: 0o600 });
  for (const path of [half, dataDirectory, passwordFile]) giveTo(place.user, path);
  try {
    await initdb(place, dataDirectory, passwordFile);
    rmSync(passwordFile);
    renameSync(half, place.home);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(join(place.home, "cluster", "PG_VERSION"))) throw error;
  }
}

/** UTF-8 with the builtin C.UTF-8 order: sorting never depends on the machine's locales. */
const initdbFlags = [
  "--encoding=UTF8",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--locale=C",
  "--auth=scram-sha-256",
  "--username=postgres",
  "--data-checksums",
] as const;

async function initdb(place: Place, dataDirectory: string, passwordFile: string): Promise<void> {
  const child = spawn(place.binaries.initdb, [`--pgdata=${dataDirectory}`, `--pwfile=${passwordFile}`, ...initdbFlags], {
    ...runAs(place.user),
    cwd: "/",
    env: serverEnvironment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`initdb failed with code ${code}: ${stderr.trim()}`);
}

/** All that the server's programs see of our environment: server messages stay English, because start-up reads them. */
export const serverEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" } as const;

function clearAbandoned(home: string): void {
  const prefix = `${basename(home)}.new-`;
  mkdirSync(dirname(home), { recursive: true, mode: 0o711 });
  for (const name of readdirSync(dirname(home)).filter((entry) => entry.startsWith(prefix))) {
    if (!isAlive(Number(name.slice(prefix.length)))) rmSync(join(dirname(home), name), { recursive: true, force: true });
  }
}

const password = (): string => randomBytes(24).toString("base64url");
const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
