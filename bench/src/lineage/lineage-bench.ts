import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { BenchOptions } from "../bench-options.js";
import { machine, writeResult } from "../results.js";
import { compareClosure } from "./compare-closure.js";
import { type Filled, fill } from "./fill.js";
import { measureHttp } from "./measure-http.js";
import { measureInserts } from "./measure-inserts.js";
import { measureReads } from "./measure-reads.js";
import { startInside } from "./platform-inside.js";
import { sizeAt } from "./pyramid.js";
import { type Figure, report } from "./report.js";

const SEED = 7;
const ADMIN = { email: "admin@bench.example", password: "bench-password-1" };

/**
 * Lineage at a million versions: the platform's own repositories, in process and behind row-level security, beside the same SQL
 * by hand in the same kind of transaction on the same database. Nothing passes or fails by the clock here; ratios are printed.
 */
export async function lineageBench({ scale, keep }: BenchOptions): Promise<void> {
  const folder = keep ?? mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  mkdirSync(join(folder, "rows"), { recursive: true });
  // The database's OS user must pass through, and reads the rows that it copies in.
  for (const path of [folder, join(folder, "rows")]) chmodSync(path, 0o711);
  const isThere = existsSync(join(folder, "data"));
  let filled: Filled | null = null;
  try {
    const env = { ZIGGURAT_ADMIN_EMAIL: ADMIN.email, ZIGGURAT_ADMIN_PASSWORD: ADMIN.password };
    const platform = await startInside(join(folder, "data"), env, async ({ superuser }) => {
      if (isThere) return;
      const admin = new pg.Client({ connectionString: superuser });
      await admin.connect();
      filled = await fill(admin, join(folder, "rows"), sizeAt(scale), SEED);
      await admin.end();
      console.log(`\nlineage: the pyramid was built in ${filled.seconds.toFixed(0)} s`, filled.rows);
    });
    const hand = new pg.Client({ connectionString: platform.appUrl });
    await hand.connect();
    try {
      const { descendants, figures } = await measureReads(platform, hand, SEED);
      const inserts = await measureInserts(platform, hand);
      const http = await measureHttp(platform, ADMIN);
      const closure = await compareClosure(platform, hand, SEED);
      report(scale, descendants, [...figures, inserts], http, closure);
      const all: readonly Figure[] = [...figures, inserts];
      writeResult("lineage", { machine: machine(), scale, seed: SEED, build: filled, descendants, figures: all, http, closure });
    } finally {
      await hand.end();
      await platform.close();
    }
  } finally {
    if (keep === null) rmSync(folder, { recursive: true, force: true });
  }
}
