import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Api, ensureMember } from "@ziggurat/client";
import { paths, SearchAnswer } from "@ziggurat/contracts";
import pg from "pg";
import type { BenchOptions } from "../bench-options.js";
import { startPlatform } from "../http/platform.js";
import { superuserUrl } from "../http/scene.js";
import { machine, writeResult } from "../results.js";
import { fillRegistry } from "./fill-registry.js";

const MODELS = 10_000;
const VERSIONS = 200_000;
const REQUESTS = 50;
const PERSON = { email: "member@bench.example", password: "bench-password-2" };

/** Each with what one would write by hand for it: a scan of the text, as superuser and without a policy. Null where there is no such peer. */
const QUESTIONS: readonly { readonly name: string; readonly q: string; readonly kind?: string; readonly byHand: string | null }[] = [
  { name: "Chinese, frequent", q: "客服", byHand: "客服" },
  { name: "Chinese, one letter", q: "催", byHand: "催" },
  { name: "words, frequent", q: "customers banks", byHand: "customers" },
  { name: "word, rare", q: "c4ca4238a0b923820dcc509a6f75849b", byHand: "c4ca4238a0b923820dcc509a6f75849b" },
  { name: "nothing", q: "absent", byHand: "absent" },
  { name: "reference", q: "finance/ledger@77", kind: "version", byHand: null },
  { name: "notes of versions, frequent", q: "误报", kind: "version", byHand: null },
  { name: "notes of versions, rare", q: "35fd6604f614e6e082788d4c17e1bc73", kind: "version", byHand: null },
  { name: "200,000 versions of one model", q: "ledger state:released", kind: "version", byHand: null },
  { name: "all that stands on a version", q: "on:foundation/base@1", kind: "version", byHand: null },
  { name: "a measured range", q: "metric:perplexity<5.1 ledger", kind: "version", byHand: null },
  { name: "terms alone", q: "tier:institution tag:t9 licence:mit", byHand: null },
];

/** Ten thousand models and two hundred thousand versions of one: the first page, with counts of every kind, as an institution and the platform see it. */
export async function searchBench({ scale }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "data");
  const platform = await startPlatform(dataDir);
  const database = new pg.Client({ connectionString: superuserUrl(dataDir) });
  try {
    await database.connect();
    const began = performance.now();
    await fillRegistry(database, Math.round(MODELS * scale), Math.round(VERSIONS * scale));
    console.log(`filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const admin = await Api.signIn(platform.url, platform.admin.email, platform.admin.password);
    await ensureMember(admin, "bank-1", PERSON, "Member", ["institution_member"]);
    const member = await Api.signIn(platform.url, PERSON.email, PERSON.password);
    const rows = [];
    for (const { name, q, kind, byHand } of QUESTIONS) {
      const query = { q, limit: "20", ...(kind === undefined ? {} : { kind }) };
      const counts = await Promise.all(
        [member, admin].map(async (one) => countOf(await one.get(SearchAnswer, paths.search(), query), kind)),
      );
      rows.push({
        name,
        q,
        found: counts,
        institution: await timed(() => member.send({ method: "GET", path: paths.search(), query }).then((r) => r.arrayBuffer())),
        platform: await timed(() => admin.send({ method: "GET", path: paths.search(), query }).then((r) => r.arrayBuffer())),
        byHand: byHand === null ? null : await timed(() => scan(database, byHand)),
      });
    }
    report(rows);
    writeResult("search", { machine: machine(), scale, models: MODELS * scale, versions: VERSIONS * scale, rows });
  } finally {
    await database.end().catch(() => undefined);
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Timed {
  readonly p50: number;
  readonly p99: number;
}
type Row = {
  readonly name: string;
  readonly found: readonly string[];
  readonly institution: Timed;
  readonly platform: Timed;
  readonly byHand: Timed | null;
};

const countOf = ({ counts }: SearchAnswer, kind = "model"): string => {
  const found = counts.find((one) => one.kind === kind);
  return `${found?.count ?? 0}${found?.isMore ? "+" : ""}`;
};

async function scan(database: pg.Client, word: string): Promise<void> {
  await database.query(
    `select *, count(*) over () from (select id, namespace || '/' || slug as ref, name from models
       where namespace || '/' || slug || ' ' || name || ' ' || card::text ilike '%' || $1 || '%') m order by ref limit 20`,
    [word],
  );
}

async function timed(ask: () => Promise<unknown>): Promise<Timed> {
  for (let n = 0; n < 5; n += 1) await ask();
  const durations: number[] = [];
  for (let n = 0; n < REQUESTS; n += 1) {
    const began = performance.now();
    await ask();
    durations.push(performance.now() - began);
  }
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}

function report(rows: readonly Row[]): void {
  const ms = (value: Timed | null) => (value === null ? "–" : `${value.p50.toFixed(0)} / ${value.p99.toFixed(0)}`);
  console.log("\nfirst page with counts of every kind, over HTTP, p50 / p99 in ms; by hand: ilike over models in the same database");
  console.table(
    Object.fromEntries(
      rows.map(({ name, found, institution, platform, byHand }) => [
        name,
        { "an institution": ms(institution), platform: ms(platform), "by hand": ms(byHand), found: found.join(" · ") },
      ]),
    ),
  );
}
