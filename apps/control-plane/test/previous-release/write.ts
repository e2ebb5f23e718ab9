import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";
import { type AuditVerification, paths } from "@ziggurat/contracts";
import { it } from "vitest";
import { stubEnvironment, until } from "../jobs-bench.js";
import { readAnswers } from "./answers.js";
import { fill } from "./fill.js";
import { people, SECRET_KEY } from "./people.js";
import { withScratchPostgres } from "./scratch-postgres.js";
import { FOLDERS, WRITTEN } from "./written.js";

/** Not a test but the program that writes what the test opens; see README.md. */
it("writes a data directory as a release made it", { timeout: 600_000 }, async () => {
  const checkout = resolve(process.env.RELEASE_CHECKOUT ?? "");
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-release-"));
  const dataDir = join(folder, "data");
  await withScratchPostgres(async ({ url, dump }) => {
    const platform = await start(checkout, dataDir, url);
    const { answers, ...facts } = await filled(platform.url).finally(platform.stop);
    rmSync(WRITTEN, { recursive: true, force: true });
    mkdirSync(WRITTEN, { recursive: true });
    for (const part of FOLDERS)
      cpSync(join(dataDir, part), join(WRITTEN, part), { recursive: true, filter: (path) => !/\/partial$/.test(path) });
    save("database.sql.gz", gzipSync(dump(), { level: 9 }));
    save("answers.json.gz", gzipSync(JSON.stringify(answers), { level: 9 }));
    const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" }).trim();
    save("release.json", `${JSON.stringify({ commit, ...facts }, null, 2)}\n`);
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
});

async function filled(url: string) {
  const { clients, tokens, revoked } = await fill(url);
  const at = new Date().toISOString();
  // Entries get their places in the chains within a second.
  const verdict = async (): Promise<AuditVerification> => (await clients.admin.get(paths.auditVerify())).body;
  await until(async () => (await verdict()).chains.every(({ pending }) => pending === 0), "the sealing of the audit log");
  return { at, tokens, revoked, answers: await readAnswers(clients, at) };
}

const save = (name: string, contents: string | Uint8Array): void => writeFileSync(join(WRITTEN, name), contents);

/** The release as its users start it, on a database of ours that can be dumped. */
async function start(checkout: string, dataDir: string, databaseUrl: string) {
  const child = spawn(process.execPath, [join(checkout, "apps/control-plane/dist/main.js"), "--data-dir", dataDir, "--port", "0"], {
    env: {
      PATH: process.env.PATH,
      ...stubEnvironment(),
      DATABASE_URL: databaseUrl,
      ZIGGURAT_SECRET_KEY: SECRET_KEY,
      ZIGGURAT_ADMIN_EMAIL: people.admin.email,
      ZIGGURAT_ADMIN_PASSWORD: people.admin.password,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /ready at (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      async stop() {
        child.kill("SIGTERM");
        await once(child, "exit");
      },
    };
  }
  throw new Error(`the release in ${checkout} ended before it was ready`);
}
