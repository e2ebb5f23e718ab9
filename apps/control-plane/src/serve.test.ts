import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleProgram } from "../test/bundle.js";
import { type FreshDatabase, freshDatabase } from "../test/fresh-database.js";
import { send } from "../test/harness.js";
import { type Spawned, spawnProgram } from "../test/spawned.js";

const programs = { all: "", http: "", worker: "" };
let database: FreshDatabase;
let dataDir: string;
const running: Spawned[] = [];

beforeAll(async () => {
  programs.all = await bundleProgram("src/main.ts", "main");
  programs.http = await bundleProgram("src/main.http.ts", "main-http");
  programs.worker = await bundleProgram("src/main.worker.ts", "main-worker");
}, 120_000);
afterAll(() => {
  for (const program of Object.values(programs)) rmSync(join(program, ".."), { recursive: true, force: true });
});
beforeEach(async () => {
  database = await freshDatabase();
  dataDir = mkdtempSync(join(tmpdir(), "ziggurat-serve-"));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.end("SIGKILL")));
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

function start(role: keyof typeof programs, env: Readonly<Record<string, string>> = {}, port = "0"): Spawned {
  const spawned = spawnProgram(programs[role], ["--data-dir", dataDir, "--port", port], { DATABASE_URL: database.superuserUrl, ...env });
  running.push(spawned);
  return spawned;
}

const said = (program: Spawned): readonly string[] => program.lines.map(({ text }) => String(text));
const readyAt = async (program: Spawned): Promise<string> => {
  await expect.poll(() => said(program).some((text) => text.startsWith("Ziggurat is ready")), { timeout: 30_000, interval: 20 }).toBe(true);
  return /http:\S+/.exec(said(program).join("\n"))?.[0] ?? "";
};
const ADMIN = { ZIGGURAT_ADMIN_EMAIL: "a@b.example", ZIGGURAT_ADMIN_PASSWORD: "given by the operator" };
const CREDENTIALS = { email: "a@b.example", password: "given by the operator" };

describe("the process", { timeout: 90_000 }, () => {
  it("says on stdout what a person must read and nothing else, and ends well when told to", async () => {
    const first = start("all");
    const url = await readyAt(first);
    expect(said(first)).toEqual([expect.stringContaining("one-time password"), `Ziggurat is ready at ${url}`]);
    expect((await send(url, "GET", "/readyz")).status).toBe(200);
    expect(await first.end("SIGTERM")).toBe(0);
    const second = start("all");
    const again = await readyAt(second);
    expect(said(second)).toEqual([`Ziggurat is ready at ${again}`]);
    expect(await second.end("SIGINT")).toBe(0);
  });

  it("is refused in words, and leaves at once, where another program listens on its port", async () => {
    const url = new URL(await readyAt(start("all")));
    const second = start("all", {}, url.port);
    expect(await second.end()).toBe(2);
    expect(await second.errors()).toMatch(/cannot listen on 127\.0\.0\.1, port \d+: another program listens there/);
  });

  it("finishes the request under way when told to stop, and takes no further one", async () => {
    const program = start("all", ADMIN);
    const url = new URL(await readyAt(program));
    const body = JSON.stringify(CREDENTIALS);
    const headers = { "content-type": "application/json", "content-length": body.length };
    const login = request({ host: url.hostname, port: url.port, method: "POST", path: paths.login(), headers });
    const answer = new Promise<IncomingMessage>((resolve, reject) => login.on("response", resolve).on("error", reject));
    await new Promise<void>((resolve) => login.write(body.slice(0, 10), () => resolve()));
    // Answered over another connection, so the half request before it has arrived as well.
    await send(url.origin, "GET", "/healthz");
    const end = program.end("SIGTERM");
    await expect
      .poll(
        () =>
          fetch(`${url.origin}/healthz`).then(
            ({ status }) => status === 200,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(false);
    login.end(body.slice(10));
    expect((await answer).statusCode).toBe(200);
    (await answer).resume();
    expect(await end).toBe(0);
  }, 60_000);

  it("shares one database between the roles: what the HTTP role writes, the worker role chains", async () => {
    const [http, worker] = [start("http", ADMIN), start("worker", ADMIN)];
    const url = await readyAt(http);
    await readyAt(worker);
    expect(said(worker)).toEqual(["Ziggurat is ready: the worker role is at work"]);
    const session = await send(url, "POST", paths.login(), CREDENTIALS);
    const cookie = session.headers.get("set-cookie")?.split(";")[0] ?? "";
    const chain = async () => (await send(url, "GET", paths.auditVerify(), undefined, { cookie })).body.chains[0];
    await expect.poll(async () => (await chain()).pending, { timeout: 5000 }).toBe(0);
    expect(await chain()).toMatchObject({ chain: "platform", entries: 2, ok: true });
    expect(await Promise.all([http.end("SIGTERM"), worker.end("SIGTERM")])).toEqual([0, 0]);
  });

  it("refuses bad settings in words, with exit code 2", async () => {
    const program = start("all", { ZIGGURAT_ROLE: "both" });
    expect(await program.end()).toBe(2);
    expect(said(program)).toEqual([]);
  });
});
