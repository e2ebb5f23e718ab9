import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../../../test/bundle.js";
import { asSystem, send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { spawnProgram } from "../../../test/spawned.js";
import { newTokenText } from "../../identity/secrets.js";

// A real process takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let platform: TestPlatform;
let program: string;
beforeAll(async () => {
  platform = await startPlatform();
  program = await bundleProgram(join(import.meta.dirname, "../../../test/platform-process.ts"), "platform-process-secrets");
});
afterAll(() => platform?.close());

it("writes no secret into its log or its audit log, wherever it was sent and however the request failed", async () => {
  const child = spawnProgram(program, [
    JSON.stringify({ ...platform.config, http: { ...platform.config.http, port: 0 } }),
    platform.database.appUrl,
  ]);
  const url = String((await child.line("url")).url);
  const password = `correct-${randomBytes(9).toString("hex")}`;
  const added = await platform.admin.post(paths.members("platform"), {
    email: "p@ziggurat.example",
    name: "P",
    roles: ["auditor"],
    password,
  });
  expect(added.status).toBe(201);
  const login = (body: unknown) => send(url, "POST", paths.login(), body);
  const session = await login({ email: "p@ziggurat.example", password });
  const cookie = session.headers.get("set-cookie")?.split(";")[0] ?? "";
  const own = { cookie, "x-csrf-token": session.body.csrfToken };
  const made = (await send(url, "POST", paths.tokens(), { name: "mine", scopes: ["models:read"] }, own)).body;
  const secrets = {
    password,
    "wrong password": `wrong-${randomBytes(9).toString("hex")}`,
    token: made.secret as string,
    "made-up token": newTokenText(`tok_${randomBytes(16).toString("hex")}`),
    "foreign token": `hf_${randomBytes(20).toString("hex")}`,
    cookie: cookie.split("=")[1] ?? "",
    csrf: session.body.csrfToken as string,
  };

  const everywhere = async (): Promise<void> => {
    for (const secret of Object.values(secrets)) {
      const quoted = encodeURIComponent(secret);
      await login({ email: "p@ziggurat.example", password: secret });
      await login({ email: secret, password: secret, unknown: secret });
      for (const text of [`{"email":"p@ziggurat.example","password":"${secret}"`, `{"password":"${secret}",}`, secret]) {
        await send(url, "POST", paths.login(), Buffer.from(text), { "content-type": "application/json" });
        await send(url, "POST", paths.login(), Buffer.from(text), { "content-type": "text/plain" });
      }
      const headersWith: readonly Readonly<Record<string, string>>[] = [
        { authorization: `Bearer ${secret}` },
        { authorization: `Basic ${Buffer.from(`me:${secret}`).toString("base64")}` },
        { authorization: secret },
        { cookie: `zig_session=${secret}` },
        { ...own, "x-csrf-token": secret },
        // An id that is a token is noticed; what else it may be nobody can tell.
        ...(secret.includes("_") ? [{ ...own, "x-request-id": secret }] : []),
        { ...own, "if-match": `"${secret}"`, "idempotency-key": secret, traceparent: secret },
      ];
      for (const headers of headersWith) {
        await send(url, "GET", paths.me(), undefined, headers);
        await send(url, "POST", paths.tokens(), { name: "x" }, headers);
      }
      for (const path of [
        `${paths.me()}?token=${quoted}`,
        `${paths.models()}?access_token=${quoted}&q=${quoted}`,
        `/api/v1/${quoted}`,
        `/hf/${quoted}`,
        `/x?code=${quoted}`,
      ]) {
        await send(url, "GET", path, undefined, own);
      }
    }
  };
  await everywhere();
  // And so when we are the ones who are wrong, which is when errors are written down: the tables are not as the code expects them.
  const owner = new pg.Client({ connectionString: platform.database.superuserUrl });
  await owner.connect();
  await owner.query("alter table sessions rename to sessions_elsewhere; alter table sign_in_streaks rename column failures to elsewhere");
  await everywhere();
  await owner.query("alter table sessions_elsewhere rename to sessions; alter table sign_in_streaks rename column elsewhere to failures");
  await owner.query("alter table sessions rename column csrf_token to elsewhere; delete from sign_in_streaks");
  const trace = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
  const failed = await send(url, "POST", paths.login(), { email: "p@ziggurat.example", password }, trace);
  expect(failed.status).toBe(500);
  await owner.query("alter table sessions rename column elsewhere to csrf_token");
  await owner.end();

  await child.end("SIGTERM");
  const log = (await child.errors()) + JSON.stringify(child.lines);
  // It did write about them: what would be found is not missing for another reason.
  expect(log).toContain('"level":50');
  expect(log.length).toBeGreaterThan(1000);
  // And is found by the caller's trace, under the part of it that they were answered, and by the id of the request.
  const [, traceId, spanId] = failed.headers.get("traceresponse")?.split("-") ?? [];
  expect(log).toContain(`"trace":{"traceId":"${traceId}","spanId":"${spanId}"`);
  expect([traceId, log.includes(failed.body.requestId)]).toEqual(["4bf92f3577b34da6a3ce929d0e0e4736", true]);
  const entries = await asSystem<{ entry: string }>(platform, "select to_jsonb(e)::text as entry from audit_entries e");
  const audit = JSON.stringify(entries) + (await platform.admin.get(`${paths.audit()}?limit=200`)).text;
  expect(audit).toContain("session.refused");
  for (const [what, secret] of Object.entries(secrets)) {
    const halves = [secret, secret.slice(0, Math.ceil(secret.length / 2)), secret.slice(-24)];
    expect([what, halves.some((half) => half.length > 8 && log.includes(half))]).toEqual([what, false]);
    expect([what, halves.some((half) => half.length > 8 && audit.includes(half))]).toEqual([what, false]);
  }
});
