import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../test/bundle.js";
import { type Spawned, spawnProgram } from "../test/spawned.js";
import { findPostmaster } from "./platform/embedded-postgres/postmaster.js";

const recorder = join(import.meta.dirname, "..", "test", "record-dials.mjs");
const folder = mkdtempSync(join(tmpdir(), "ziggurat-own-"));
const dials = join(folder, "dials");
const home = join(folder, "data", "postgres");
let program = "";
let platform: Spawned;
let url = "";

/** The platform as a newcomer starts it: no settings but a folder and a port. */
beforeAll(async () => {
  chmodSync(folder, 0o711);
  program = await bundleProgram("src/main.ts", "own-database");
  platform = spawnProgram(program, ["--data-dir", join(folder, "data"), "--port", "0"], { DIALS_FILE: dials }, ["--import", recorder]);
  const ready = (): string | undefined =>
    platform.lines.map(({ text }) => /^Ziggurat is ready at (\S+)$/.exec(String(text))?.[1]).find(Boolean);
  url = await vi.waitUntil(ready, { timeout: 90_000, interval: 50 });
}, 120_000);
afterAll(async () => {
  await platform.end("SIGTERM");
  for (const path of [folder, join(program, "..")]) rmSync(path, { recursive: true, force: true });
}, 60_000);

const isReady = (): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ status }) => status === 200,
    () => false,
  );
const embeddedPort = (): string => readFileSync(join(home, "port"), "utf8").trim();

it("never dials 5432 or 6379: the only TCP port it opens a connection to is its own database's", async () => {
  expect(await isReady()).toBe(true);
  expect([...new Set(readFileSync(dials, "utf8").trim().split("\n"))]).toEqual([embeddedPort()]);
  expect(["5432", "6379"]).not.toContain(embeddedPort());
});

it("lets its operator reset a lost password beside it, on the same data directory", { timeout: 90_000 }, async () => {
  const command = await bundleProgram("src/main.operator.ts", "own-database-operator");
  const run = spawnProgram(command, ["reset-password", "--email", "admin@ziggurat.example", "--data-dir", join(folder, "data")]);
  const said = (): string | undefined => run.lines.map(({ text }) => /one-time password (\S+) /.exec(String(text))?.[1]).find(Boolean);
  const password = await vi.waitUntil(said, { timeout: 60_000, interval: 50 });
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "admin@ziggurat.example", password }),
  });
  expect([answer.status, await isReady()]).toEqual([200, true]);
  rmSync(join(command, ".."), { recursive: true, force: true });
});

it.runIf(process.platform === "linux")("stays small when idle, so that npm and it together keep under 300 MB", () => {
  const residentKiB = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${platform.child.pid}/status`, "utf8"))?.[1]);
  expect(residentKiB / 1024).toBeLessThan(230);
});

it("answers again by itself, on the same address and port, after its database was killed", { timeout: 90_000 }, async () => {
  const before = findPostmaster(join(home, "cluster"));
  if (before.kind !== "alive") throw new Error(`no server: ${before.kind}`);
  const port = embeddedPort();
  process.kill(before.file.pid, "SIGKILL");
  await expect.poll(() => findPostmaster(join(home, "cluster")).kind === "alive" && isReady(), { timeout: 60_000 }).toBe(true);
  expect(embeddedPort()).toBe(port);
  // A queue that complains in a tight loop would fill the disk of whoever keeps its output.
  expect(await platform.end("SIGTERM")).toBe(0);
  expect((await platform.errors()).split("\n").length).toBeLessThan(200);
});
