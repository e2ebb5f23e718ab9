import { readFileSync } from "node:fs";
import { join } from "node:path";

const built = new URL("../../../apps/control-plane/dist/", import.meta.url);

/** What the platform knows of who asks. */
export interface Viewer {
  readonly userId: string;
  readonly name: string;
  readonly institutionId: string;
  readonly institutionSlug: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly reach: "tenant" | "platform" | "system";
  readonly requestId: null;
}
export interface Tx {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}
export interface Place {
  readonly line: string;
  readonly seq: number;
}
interface Node {
  readonly id: string;
  readonly line_id: string | null;
  readonly line_seq: number | null;
}

/** The parts of the platform that are measured: its own unit of work and repositories, as built, in this process. */
export interface PlatformInside {
  readonly url: string;
  readonly appUrl: string;
  readonly run: <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly lineage: {
    above(tx: Tx, id: string, depth: number): Promise<Map<string, number>>;
    below(
      tx: Tx,
      place: Place,
      after: Place | null,
      limit: number,
    ): Promise<{ readonly rows: readonly Node[]; readonly end: Place | null }>;
  };
  readonly reach: {
    count(tx: Tx, place: Place): Promise<{ readonly descendants: number; readonly institutions: number }>;
    groups(tx: Tx, place: Place, by: string, filter: object, page: object): Promise<object>;
  };
  readonly derivations: {
    insertSealed(tx: Tx, version: object, parents: readonly object[]): Promise<void>;
  };
  /** Ends the platform; the database goes with it. */
  close(): Promise<void>;
}

/**
 * Opens the embedded database of `dataDir`, lets `prepare` fill it, and starts the platform in this process. The benchmarks may not
 * import the control plane, so its built modules are loaded by path, as `node` would start them.
 */
export async function startInside(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  prepare: (urls: Urls) => Promise<void>,
): Promise<PlatformInside> {
  const [config, database, migrations, start, unitOfWork, lineage, reach, derivations] = await Promise.all(
    [
      "platform/config.js",
      "platform/embedded-postgres/open-database.js",
      "platform/database/migrate.js",
      "start-platform.js",
      "platform/database/unit-of-work.js",
      "lineage/lineage.repository.js",
      "lineage/reach.repository.js",
      "lineage/derivations.js",
    ].map((path) => import(new URL(path, built).href)),
  );
  const settings = config.readConfig(
    { ZIGGURAT_DATA_DIR: dataDir, ZIGGURAT_ROLE: "http", ZIGGURAT_PORT: "0", ZIGGURAT_RATE_LIMIT: "0", ...env },
    [],
    dataDir,
  );
  const open = await database.openDatabase(settings, { info: () => undefined, warn: (line: string) => console.error(line) });
  await migrations.migrate(open.ownerUrl);
  await prepare({ superuser: superuserUrl(open.location) });
  const platform = await start.startPlatform(settings, open, { announce: () => undefined });
  const get = (token: unknown) => platform.app.get(token, { strict: false });
  const work = get(unitOfWork.UnitOfWork);
  return {
    url: platform.url,
    appUrl: open.appUrl,
    run: (viewer, what) => work.run(viewer, what),
    lineage: get(lineage.LineageRepository),
    reach: get(reach.ReachRepository),
    derivations: get(derivations.Derivations),
    close: async () => {
      await platform.close();
      await open.release();
    },
  };
}

export interface Urls {
  readonly superuser: string;
}

function superuserUrl(home: string): string {
  const secrets: { superuser: string } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8"));
  const port = readFileSync(join(home, "port"), "utf8").trim();
  return `postgres://postgres:${encodeURIComponent(secrets.superuser)}@127.0.0.1:${port}/ziggurat`;
}
