import { execFile } from "node:child_process";
import { chmodSync, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Api } from "@ziggurat/client";
import { AuditEntry, Institution, pageOf, paths, VerificationRun } from "@ziggurat/contracts";
import pg from "pg";
import type { BenchOptions } from "../bench-options.js";
import { type RunningPlatform, startPlatform } from "../http/platform.js";
import { superuserUrl } from "../http/scene.js";
import { machine, writeResult } from "../results.js";
import { type FilledLog, fillLog } from "./fill-log.js";
import { measurePage, type OpenedPage } from "./measure-page.js";

const ENTRIES = 1_000_000;
const GOAL_SECONDS = 60;
const Entries = pageOf(AuditEntry);
const verifier = fileURLToPath(new URL("../../../tooling/cli/verify-audit.mjs", import.meta.url));

/**
 * A chain of a million entries, written in bulk and sealed by the platform itself: verified from end to end with somebody reading the
 * log meanwhile, found to be altered where one byte was changed, searched and paged, exported and verified offline. The peer is the
 * same rows read by hand: `select` in pages for the list, all columns in order for the walk.
 */
export async function auditBench({ scale }: BenchOptions): Promise<void> {
  const count = Math.round(ENTRIES * scale);
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  const platform = await startPlatform(dataDir, undefined, "all");
  const database = new pg.Client({ connectionString: superuserUrl(dataDir) });
  try {
    await database.connect();
    const admin = await Api.signIn(platform.url, platform.admin.email, platform.admin.password);
    const { id } = await admin.post(Institution, paths.institutions(), { slug: "benchbank", name: "Bench bank" });
    say(`writing ${count} entries`);
    const log = await fillLog(dataDir, id, count);
    const sealSeconds = await seconds(() => sealed(database));
    await database.query("vacuum (analyze) audit_entries, audit_chain, audit_checkpoints");
    say(`written in ${log.seconds.toFixed(0)} s, sealed ${sealSeconds.toFixed(0)} s later`);

    const pages = await measurePage(platform);
    const rows = await measureLists(admin, log, count);
    const verification = await measureVerification(admin, database, id);
    const tampered = await measureTampered(admin, database, id, Math.ceil(count * 0.77));
    const exported = await measureExport(admin, platform, folder);
    report({ count, pages, rows, verification, tampered, exported });
    writeResult("audit", {
      machine: machine(),
      scale,
      entries: count,
      goalSeconds: GOAL_SECONDS,
      writeSeconds: log.seconds,
      sealSeconds,
      pages,
      lists: rows,
      verification,
      tampered,
      exported,
    });
  } finally {
    await database.end().catch(() => undefined);
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function sealed(database: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ waits: boolean }>("select exists (select from audit_pending) as waits");
    if (rows[0]?.waits === false) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

// ---- lists

interface Measured {
  readonly name: string;
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

async function measureLists(admin: Api, log: FilledLog, count: number): Promise<Measured[]> {
  const at = (part: number) => new Date(log.start + (log.end - log.start) * part).toISOString();
  const each = <T>(values: readonly T[], query: (value: T) => Record<string, string>) => values.slice(0, 100).map(query);
  const parts = Array.from({ length: 100 }, (_, n) => (n + 0.5) / 100);
  const cases: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = {
    "first page": parts.map(() => ({ "filter[chain]": "benchbank" })),
    "first page, every chain": parts.map(() => ({})),
    "by time, anywhere": each(parts, (part) => ({ "filter[chain]": "benchbank", "filter[to]": at(part) })),
    "by actor": each(log.actors, (actor) => ({ "filter[actor]": actor })),
    "by actor's name": each(log.actors, (_actor) => ({ "filter[actor]": `Person ${log.actors.indexOf(_actor)}` })),
    "by object": each(log.objects, (object) => ({ "filter[object]": object })),
    "by action": parts.map(() => ({ "filter[action]": "version.seal", "filter[chain]": "benchbank" })),
    "by every job action": parts.map(() => ({ "filter[action]": "job" })),
    "by text, rare": each(parts, (part) => ({ "filter[text]": `重训 ${Math.floor((part * count) / 10_000) * 10_000}` })),
    "by text, frequent": parts.map(() => ({ "filter[text]": "floors met" })),
    "by text, absent": parts.map((part) => ({ "filter[text]": `nothing like this ${part}` })),
  };
  const measured: Measured[] = [];
  for (const [name, queries] of Object.entries(cases))
    measured.push(await timed(name, queries, (query) => admin.send({ method: "GET", path: paths.audit(), query })));
  return [...measured, ...(await measurePaging(admin, count))];
}

/** Goes through pages of 200 to the depth of half the log or 500 pages; the first fifty beside the last fifty. */
async function measurePaging(admin: Api, count: number): Promise<Measured[]> {
  const durations: number[] = [];
  let cursor: string | null = "";
  for (let page = 0; page < Math.min(500, count / 400) && cursor !== null; page += 1) {
    const began = performance.now();
    const query: Record<string, string> = { "filter[chain]": "benchbank", limit: "200", ...(cursor === "" ? {} : { cursor }) };
    const response = await admin.send({ method: "GET", path: paths.audit(), query });
    durations.push(performance.now() - began);
    ({ nextCursor: cursor } = Entries.parse(await response.json()));
  }
  const deep = durations.length;
  return [
    summary("pages of 200: the first 50", durations.slice(0, 50)),
    summary(`pages of 200: the last 50 of ${deep}`, durations.slice(-50)),
  ];
}

async function timed<T>(name: string, queries: readonly T[], ask: (query: T) => Promise<Response>): Promise<Measured> {
  const durations: number[] = [];
  for (const query of queries) {
    const began = performance.now();
    await (await ask(query)).arrayBuffer();
    durations.push(performance.now() - began);
  }
  return summary(name, durations);
}

function summary(name: string, durations: readonly number[]): Measured {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { name, requests: sorted.length, p50: at(0.5), p99: at(0.99) };
}

// ---- verification

async function walked(
  admin: Api,
  whileWaiting: () => Promise<void> = async () => undefined,
): Promise<{ run: VerificationRun; seconds: number; steps: number }> {
  const began = performance.now();
  let run = await admin.post(VerificationRun, paths.auditVerifications(), { chain: "benchbank" });
  const steps = new Set<number>();
  while (run.state !== "done") {
    await whileWaiting();
    await new Promise((resolve) => setTimeout(resolve, 200));
    ({ value: run } = await admin.read(VerificationRun, paths.auditVerification(run.id)));
    steps.add(run.done);
  }
  return { run, seconds: (performance.now() - began) / 1000, steps: steps.size };
}

async function measureVerification(admin: Api, database: pg.Client, institutionId: string) {
  const bareSeconds = await seconds(() => readBare(database, institutionId));
  const reads: number[] = [];
  const {
    run,
    seconds: took,
    steps,
  } = await walked(admin, async () => {
    const began = performance.now();
    await (await admin.send({ method: "GET", path: paths.audit() })).arrayBuffer();
    reads.push(performance.now() - began);
  });
  const [verdict] = run.result?.chains ?? [];
  if (verdict?.ok !== true) throw new Error(`the chain should hold: ${JSON.stringify(run)}`);
  return {
    entries: verdict.entries,
    seconds: took,
    progressSteps: steps,
    bareReadSeconds: bareSeconds,
    ratio: took / bareSeconds,
    readsMeanwhile: summary("first page meanwhile", reads),
  };
}

/** The peer: the same rows in the same order, read and thrown away. */
async function readBare(database: pg.Client, institutionId: string): Promise<void> {
  for (let after = 0, read = 1; read > 0; after += read) {
    const { rows } = await database.query(
      `select e.*, c.sequence, c.previous_digest, c.digest as link from audit_chain c join audit_entries e on e.id = c.entry_id
        where c.institution_id = $1 and c.sequence > $2 and c.sequence <= $2 + 2000 order by c.sequence`,
      [institutionId, after],
    );
    read = rows.length;
  }
}

/** One byte of one entry is changed, past every trigger: the walk has to name it. */
async function measureTampered(admin: Api, database: pg.Client, institutionId: string, sequence: number) {
  const change = async (sql: string): Promise<void> => {
    await database.query("set session_replication_role = replica");
    await database.query(
      `update audit_entries set reason = ${sql} where id = (select entry_id from audit_chain where institution_id = $1 and sequence = $2)`,
      [institutionId, sequence],
    );
    await database.query("set session_replication_role = origin");
  };
  await change("reason || 'x'");
  const { run, seconds: took } = await walked(admin);
  await change("left(reason, -1)");
  const firstBad = run.result?.chains[0]?.firstBad;
  if (firstBad?.sequence !== sequence || firstBad.problem !== "altered")
    throw new Error(`entry ${sequence} should be named: ${JSON.stringify(run)}`);
  return { altered: sequence, named: firstBad.sequence, seconds: took };
}

// ---- export

async function measureExport(admin: Api, platform: RunningPlatform, folder: string) {
  const keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, await (await fetch(platform.url + paths.auditKey())).text());
  const run = async (name: string, query: Readonly<Record<string, string>>) => {
    const file = join(folder, "export.jsonl");
    const exportSeconds = await seconds(async () => {
      const response = await admin.send({ method: "GET", path: paths.auditExport(), query: { "filter[chain]": "benchbank", ...query } });
      if (response.body === null) throw new Error("the export has no body");
      await pipeline(response.body, createWriteStream(file));
    });
    const verifySeconds = await seconds(() => promisify(execFile)(process.execPath, [verifier, file, "--key", keyFile]));
    return { name, bytes: statSync(file).size, exportSeconds, verifySeconds };
  };
  return [
    await run("whole chain, without proofs", { proofs: "none" }),
    await run("one person's entries, each with its proof", { "filter[actor]": "Person 1" }),
  ];
}

// ---- words

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

interface Results {
  readonly count: number;
  readonly pages: readonly OpenedPage[];
  readonly rows: readonly Measured[];
  readonly verification: Awaited<ReturnType<typeof measureVerification>>;
  readonly tampered: Awaited<ReturnType<typeof measureTampered>>;
  readonly exported: Awaited<ReturnType<typeof measureExport>>;
}

function report({ count, pages, rows, verification, tampered, exported }: Results): void {
  console.log(`\naudit: ${count} entries in one chain, one reader, milliseconds over HTTP`);
  console.log(`${"list".padEnd(44)}${"p50".padStart(8)}${"p99".padStart(8)}`);
  for (const { name, p50, p99 } of [...rows, verification.readsMeanwhile])
    console.log(`${name.padEnd(44)}${p50.toFixed(1).padStart(8)}${p99.toFixed(1).padStart(8)}`);
  for (const { name, rowsMs } of pages) console.log(`${name}: first row after ${rowsMs.toFixed(0)} ms (goal < 1000 ms)`);
  console.log(
    `\nverified in ${verification.seconds.toFixed(1)} s (goal < ${GOAL_SECONDS} s), ${verification.ratio.toFixed(1)} times a bare read of the same rows (${verification.bareReadSeconds.toFixed(1)} s)`,
  );
  console.log(`entry ${tampered.altered} altered by one byte: named after ${tampered.seconds.toFixed(1)} s`);
  for (const { name, bytes, exportSeconds, verifySeconds } of exported) {
    console.log(
      `exported ${name}: ${(bytes / 1e6).toFixed(0)} MB in ${exportSeconds.toFixed(1)} s, verified offline in ${verifySeconds.toFixed(1)} s`,
    );
  }
}

function say(text: string): void {
  console.log(`audit: ${text}`);
}
