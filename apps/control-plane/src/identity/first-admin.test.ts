import { paths } from "@ziggurat/contracts";
import { afterEach, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../test/fresh-database.js";
import { send } from "../../test/harness.js";
import { readConfig } from "../platform/config.js";
import { type StartedPlatform, startPlatform } from "../start-platform.js";

let database: FreshDatabase | undefined;
const running: StartedPlatform[] = [];
afterEach(async () => {
  for (const platform of running.splice(0)) await platform.close();
  await database?.drop();
  database = undefined;
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<{ readonly url: string; readonly said: readonly string[] }> {
  database ??= await freshDatabase();
  const said: string[] = [];
  const config = readConfig({ ZIGGURAT_ROLE: "http", ZIGGURAT_PORT: "0", ZIGGURAT_DATA_DIR: "/nonexistent/ziggurat", ...env }, [], "/");
  const platform = await startPlatform(
    config,
    { appUrl: database.appUrl, queueUrl: database.appUrl },
    { announce: (line) => said.push(line) },
  );
  running.push(platform);
  return { url: platform.url ?? "", said };
}

const signIn = (url: string, email: string, password: string) => send(url, "POST", paths.login(), { email, password });

describe("the first start", () => {
  it("prints a one-time password once, which must be changed before anything else", async () => {
    const { url, said } = await start();
    expect(said).toHaveLength(1);
    const [, email = "", password = ""] = /sign in as (\S+) with the one-time password (\S+)/.exec(said[0] ?? "") ?? [];
    const session = await signIn(url, email, password);
    expect(session.status).toBe(200);
    const headers = { cookie: session.headers.get("set-cookie")?.split(";")[0] ?? "", "x-csrf-token": session.body.csrfToken };
    expect((await send(url, "GET", paths.me(), undefined, headers)).body.mustChangePassword).toBe(true);
    const early = await send(url, "GET", paths.institutions(), undefined, headers);
    expect([early.status, early.body.errors[0].code]).toEqual([403, "password_change_required"]);
    const changed = await send(url, "POST", paths.password(), { currentPassword: password, newPassword: "my very own password" }, headers);
    expect(changed.status).toBe(204);
    expect((await send(url, "GET", paths.institutions(), undefined, headers)).status).toBe(200);
    expect((await start()).said).toEqual([]);
  });

  it("takes address and password from the settings and then prints nothing", async () => {
    const { url, said } = await start({ ZIGGURAT_ADMIN_EMAIL: "Root@Example.org", ZIGGURAT_ADMIN_PASSWORD: "given by the operator" });
    expect(said).toEqual([]);
    expect((await signIn(url, "root@example.org", "given by the operator")).status).toBe(200);
  });
});

describe("behind https", () => {
  it("sets a __Host- cookie that only travels encrypted, and asks browsers to stay on https", async () => {
    const { url } = await start({
      ZIGGURAT_PUBLIC_URL: "https://ziggurat.example",
      ZIGGURAT_ADMIN_EMAIL: "a@b.example",
      ZIGGURAT_ADMIN_PASSWORD: "given by the operator",
    });
    const session = await signIn(url, "a@b.example", "given by the operator");
    const cookie = session.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-zig_session=/);
    expect(cookie).toContain("Secure");
    expect(session.headers.get("strict-transport-security")).toContain("max-age=");
    const me = await send(url, "GET", paths.me(), undefined, { cookie: cookie.split(";")[0] ?? "" });
    expect(me.status).toBe(200);
  });
});
