import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths, SCOPES } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { type Client, clientOf, send } from "../../test/harness.js";
import { register, sealed } from "../../test/registry-fixtures.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { systemViewer } from "../platform/database/viewer.js";

const folder = mkdtempSync(join(tmpdir(), "ziggurat-copied-"));
const ADMIN = { email: "a@b.example", password: "given by the operator" };
let program = "";
const running: Spawned[] = [];

beforeAll(async () => {
  chmodSync(folder, 0o711);
  program = await bundleProgram("src/main.ts", "copied-data");
}, 120_000);
afterAll(async () => {
  for (const each of running) await each.end("SIGTERM");
  for (const path of [folder, join(program, "..")]) rmSync(path, { recursive: true, force: true });
}, 60_000);

/** The platform on a data directory, with its own database in it and on a port that is free. */
async function start(dataDir: string): Promise<{ readonly platform: Spawned; readonly client: Client }> {
  const env = { ZIGGURAT_ADMIN_EMAIL: ADMIN.email, ZIGGURAT_ADMIN_PASSWORD: ADMIN.password };
  const platform = spawnProgram(program, ["--data-dir", dataDir, "--port", "0"], env);
  running.push(platform);
  const ready = () => platform.lines.map(({ text }) => /^Ziggurat is ready at (\S+)$/.exec(String(text))?.[1]).find(Boolean);
  const url = (await vi.waitUntil(ready, { timeout: 90_000, interval: 50 })) ?? "";
  const session = await send(url, "POST", paths.login(), ADMIN);
  const headers = { cookie: session.headers.get("set-cookie")?.split(";")[0] ?? "", "x-csrf-token": session.body.csrfToken };
  const token = await send(url, "POST", paths.tokens(), { name: "test", scopes: SCOPES }, headers);
  return { platform, client: clientOf(url, token.body.secret, systemViewer(PLATFORM_ID, PLATFORM_SLUG)) };
}

async function pack({ url, headers }: Client, at: string): Promise<Buffer> {
  const address = `${url}${paths.evidencePack("foundation/base")}?${new URLSearchParams({ at, version: "1" })}`;
  return vi.waitFor(
    async () => {
      const answer = await fetch(address, { headers });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (answer.status !== 200) throw new Error(bytes.toString());
      return bytes;
    },
    { timeout: 20_000, interval: 100 },
  );
}

it("is the same bytes from a copy of the stopped data directory, started elsewhere", { timeout: 240_000 }, async () => {
  const first = await start(join(folder, "data"));
  await register(first.client, { tier: "foundation", slug: "base" });
  await sealed(first.client, "foundation/base");
  const at = new Date(Date.now() + 5).toISOString();
  const told = await pack(first.client, at);
  expect(told.includes("foundation/base@1")).toBe(true);
  expect(await first.platform.end("SIGTERM")).toBe(0);
  execFileSync("cp", ["-a", join(folder, "data"), join(folder, "copy")]);
  const second = await start(join(folder, "copy"));
  expect(second.client.url).not.toBe(first.client.url);
  expect(await pack(second.client, at)).toEqual(told);
});
