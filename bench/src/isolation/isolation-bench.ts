import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api, ensureMember } from "@ziggurat/client";
import { paths } from "@ziggurat/contracts";
import pg from "pg";
import type { BenchOptions } from "../bench-options.js";
import { startPlatform } from "../http/platform.js";
import { superuserUrl } from "../http/scene.js";
import { machine, median, writeResult } from "../results.js";
import { fillRegistry } from "../search/fill-registry.js";
import { fillTenants, leaveAlone, tenantId } from "./fill-tenants.js";

const MODELS = 10_000;
const VERSIONS = 50_000;
const JOBS = 40_000;
const DATASETS = 4000;
/** Blocks with policies on and off in turn, and requests of each list in one of them. */
const BLOCKS = 12;
const REQUESTS = 25;
/** Connections of the platform's pool, and how often a statement is planned anew on each before its plan is kept. */
const CONNECTIONS = 10;
const PLANNED = 6;
const GOAL_RATIO = 1.3;
const GOAL_SESSION_MS = 1;
const PERSON = { email: "member@bench.example", password: "bench-password-2" };
/** The second model of bank-1 in the registry: its first version is derived. */
const OWN = "bank-1/model-21";

const LISTS: readonly { readonly name: string; readonly path: string }[] = [
  { name: "models", path: `${paths.models()}?limit=50` },
  { name: "own models", path: `${paths.models()}?limit=50&filter[namespace]=bank-1` },
  { name: "one model", path: paths.model(OWN) },
  { name: "versions", path: `${paths.versions("finance/ledger")}?limit=50` },
  { name: "jobs", path: `${paths.jobs()}?limit=50` },
  { name: "datasets", path: `${paths.datasets()}?limit=50` },
  { name: "lineage upwards", path: `${paths.lineage(`${OWN}@1`)}?direction=up&depth=5` },
  { name: "search", path: `${paths.search()}?q=customers&limit=20` },
  { name: "institutions", path: `${paths.institutions()}?limit=50` },
];

/**
 * What row-level security costs: the main lists of an institution with every policy on and off in turn, where both show the same (nobody
 * else's rows are there), and how the same lists are answered among nineteen neighbours. And what it costs to know who asks.
 */
export async function isolationBench({ scale }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  const platform = await startPlatform(dataDir);
  const database = new pg.Client({ connectionString: superuserUrl(dataDir) });
  try {
    await database.connect();
    await fillRegistry(database, Math.round(MODELS * scale), Math.round(VERSIONS * scale));
    await fillTenants(database, Math.round(JOBS * scale), Math.round(DATASETS * scale));
    const admin = await Api.signIn(platform.url, platform.admin.email, platform.admin.password);
    await ensureMember(admin, "bank-1", PERSON, "Member", ["institution_admin"]);
    const { cookie, secret } = await signIn(platform.url);
    const ask = (path: string): Promise<Asked> => asked(platform.url + path, cookie);
    const session = await sessionCheck(database, secret);

    const among = await measure(ask, REQUESTS * 2);
    await leaveAlone(database, tenantId(1));
    const [on, off] = await inTurn(database, ask);
    const rows = LISTS.map(({ name }): Row => {
      const [one, other, crowded] = [on.get(name), off.get(name), among.get(name)];
      if (one === undefined || other === undefined || crowded === undefined) throw new Error(`${name} was not measured`);
      return {
        name,
        onMs: median(one.times.flat()),
        offMs: median(other.times.flat()),
        // Each block beside the one right after it: what else the machine does changes more slowly.
        ratio: median(one.times.map((block, n) => median(block) / median(other.times[n] ?? []))),
        amongNeighboursMs: median(crowded.times.flat()),
        showsTheSame: one.digest === other.digest,
      };
    });
    report(rows, session);
    const goals = { ratio: GOAL_RATIO, sessionMs: GOAL_SESSION_MS };
    const isMet = rows.every(({ ratio, showsTheSame }) => ratio <= GOAL_RATIO && showsTheSame) && session.p50Ms <= GOAL_SESSION_MS;
    writeResult("isolation", { machine: machine(), scale, goals, isMet, rows, session });
  } finally {
    await database.end().catch(() => undefined);
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asked {
  readonly milliseconds: number;
  readonly digest: string;
}
interface Measured {
  /** Milliseconds of each request, block by block. */
  readonly times: number[][];
  digest: string;
}

async function measure(ask: (path: string) => Promise<Asked>, requests: number, into = new Map<string, Measured>()) {
  for (const { name, path } of LISTS) {
    const measured = into.get(name) ?? { times: [], digest: "" };
    into.set(name, measured);
    // Every change of a policy throws plans away; what is measured is a platform that runs, not one that begins.
    for (let n = 0; n < PLANNED; n += 1) await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(path)));
    const block: number[] = [];
    for (let n = 0; n < requests; n += 1) {
      const { milliseconds, digest } = await ask(path);
      block.push(milliseconds);
      measured.digest = digest;
    }
    measured.times.push(block);
  }
  return into;
}

async function inTurn(database: pg.Client, ask: (path: string) => Promise<Asked>) {
  const [on, off] = [new Map<string, Measured>(), new Map<string, Measured>()];
  const { rows } = await database.query<{ name: string }>("select relname as name from pg_class where relrowsecurity order by 1");
  for (let block = 0; block < BLOCKS; block += 1) {
    const isOn = block % 2 === 0;
    await database.query(rows.map(({ name }) => `alter table "${name}" ${isOn ? "enable" : "disable"} row level security`).join("; "));
    await measure(ask, REQUESTS, isOn ? on : off);
  }
  return [on, off] as const;
}

async function asked(url: string, cookie: string): Promise<Asked> {
  const began = performance.now();
  const response = await fetch(url, { headers: { cookie } });
  const body = await response.text();
  const milliseconds = performance.now() - began;
  if (!response.ok) throw new Error(`${url}: ${response.status} ${body}`);
  // A cursor is sealed anew each time; the rows before it say where it stands.
  const rows = body.replace(/"nextCursor":"[^"]*"/, "");
  return { milliseconds, digest: createHash("sha256").update(rows).digest("hex") };
}

async function signIn(url: string): Promise<{ readonly cookie: string; readonly secret: string }> {
  const response = await fetch(url + paths.login(), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(PERSON),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { cookie, secret: cookie.split("=")[1] ?? "" };
}

/** The one statement by which a session is known, beside the least that any statement costs, in turn, as the application's login. */
async function sessionCheck(database: pg.Client, secret: string) {
  const hash = createHash("sha256").update(secret).digest("hex");
  const [check, bare]: [number[], number[]] = [[], []];
  await database.query("set role ziggurat_app");
  for (let n = 0; n < 600; n += 1) {
    const isCheck = n % 2 === 0;
    const began = performance.now();
    const { rowCount } = isCheck
      ? await database.query("select * from authenticate_session($1)", [hash])
      : await database.query("select 1 where $1 = $1", [hash]);
    if (n >= 100) (isCheck ? check : bare).push(performance.now() - began);
    if (rowCount !== 1) throw new Error("the session is not known");
  }
  await database.query("reset role");
  return { p50Ms: median(check), bareP50Ms: median(bare), requests: check.length };
}

interface Row {
  readonly name: string;
  readonly onMs: number;
  readonly offMs: number;
  readonly ratio: number;
  readonly amongNeighboursMs: number;
  /** Whether both showed the same rows, so that the figures compare. */
  readonly showsTheSame: boolean;
}

function report(rows: readonly Row[], session: { readonly p50Ms: number; readonly bareP50Ms: number }): void {
  console.log("\nRow-level security, an institution's lists, p50 in ms\n");
  console.log(`${"list".padEnd(20)}${"on".padStart(8)}${"off".padStart(8)}${"ratio".padStart(8)}${"among 20".padStart(10)}`);
  for (const { name, onMs, offMs, ratio, amongNeighboursMs, showsTheSame } of rows) {
    const cells = [onMs, offMs, ratio].map((value) => value.toFixed(2).padStart(8)).join("");
    console.log(
      `${name.padEnd(20)}${cells}${amongNeighboursMs.toFixed(2).padStart(10)}${ratio > GOAL_RATIO ? "  above the goal" : ""}${showsTheSame ? "" : "  shows other rows"}`,
    );
  }
  console.log(`\nsession check ${session.p50Ms.toFixed(2)} ms p50, a bare statement ${session.bareP50Ms.toFixed(2)} ms`);
}
