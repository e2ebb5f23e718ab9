import { type DeviceCodes, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, send, startPlatform, type TestPlatform } from "../../../test/harness.js";

let platform: TestPlatform;
let codes: DeviceCodes;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("northbank");
  await platform.addPerson("northbank", "lin@northbank.example", "institution_member");
  await platform.addPerson("northbank", "aud@northbank.example", "auditor");
});
afterAll(() => platform?.close());
beforeEach(async () => {
  codes = (await request()).body;
});

const request = (more: object = {}): Promise<Answer> =>
  send(platform.url, "POST", paths.deviceAuthorizations(), { name: "zig on laptop", scopes: ["models:read", "models:write"], ...more });
/** Asks as the command line does, after its interval. */
const ask = async (deviceCode = codes.deviceCode): Promise<Answer> => {
  await asSystem(platform, "update device_authorizations set last_asked_at = last_asked_at - interval '1 minute'");
  return send(platform.url, "POST", paths.deviceToken(), { deviceCode });
};
const by = async (email: string) => {
  const { cookie, csrfToken } = await platform.signIn(email);
  const post = (path: string, body: object) => send(platform.url, "POST", path, body, { cookie, "x-csrf-token": csrfToken });
  return {
    find: (userCode = codes.userCode) => post(paths.deviceRequest(), { userCode }),
    decide: (decision: "approve" | "deny", userCode = codes.userCode) => post(paths.deviceDecision(), { userCode, decision }),
  };
};
const reason = ({ status, body }: Answer) => [status, body.errors?.[0]?.code];

describe("a command line", () => {
  it("is given codes, waits, and has a token of what was asked once its owner said yes", async () => {
    expect(codes).toMatchObject({ verificationUri: `${platform.url}/device`, interval: 5, expiresIn: 600 });
    expect(codes.userCode).toMatch(/^[B-Z]{4}-[B-Z]{4}$/);
    expect(codes.verificationUriComplete).toBe(`${platform.url}/device?code=${codes.userCode}`);
    expect(reason(await ask())).toEqual([409, "authorization_pending"]);
    const lin = await by("lin@northbank.example");
    const shown = await lin.find(codes.userCode.toLowerCase().replace("-", ""));
    expect(shown.body).toMatchObject({
      name: "zig on laptop",
      address: "127.0.0.1",
      scopes: ["models:read", "models:write"],
      withheld: [],
      institution: { slug: "northbank" },
    });
    expect((await lin.decide("approve")).status).toBe(204);
    const made = await ask();
    expect([made.status, made.body.name, made.body.scopes]).toEqual([201, "zig on laptop", ["models:read", "models:write"]]);
    const headers = { authorization: `Bearer ${made.body.secret}` };
    expect((await send(platform.url, "GET", paths.me(), undefined, headers)).body).toMatchObject({ email: "lin@northbank.example" });
    const entries = await asSystem<{ action: string; actor_name: string }>(
      platform,
      "select action, actor_name from audit_entries order by id desc limit 2",
    );
    expect(entries).toEqual([
      { action: "token.create", actor_name: "lin" },
      { action: "device.approve", actor_name: "lin" },
    ]);
  });

  it("has its token once, even when it asks twice at the same time", async () => {
    await (await by("lin@northbank.example")).decide("approve");
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    expect(reason(await ask())).toEqual([409, "expired_token"]);
  });

  it("gets only what its owner may do, and no more than they still may when it is handed over", async () => {
    const auditor = await by("aud@northbank.example");
    expect((await auditor.find()).body).toMatchObject({ scopes: ["models:read"], withheld: ["models:write"] });
    await auditor.decide("approve");
    expect((await ask()).body.scopes).toEqual(["models:read"]);
    const more: DeviceCodes = (await request({ scopes: ["audit:read"] })).body;
    expect((await auditor.decide("approve", more.userCode)).status).toBe(204);
    await asSystem(platform, "update users set roles = '{}' where email = 'aud@northbank.example'");
    expect(reason(await ask(more.deviceCode))).toEqual([403, "access_denied"]);
    await asSystem(platform, "update users set roles = '{auditor}' where email = 'aud@northbank.example'");
    const admin: DeviceCodes = (await request({ scopes: ["admin"] })).body;
    expect(reason(await auditor.decide("approve", admin.userCode))).toEqual([422, "scope"]);
  });

  it("hears no, and nothing else from then on", async () => {
    const lin = await by("lin@northbank.example");
    await lin.decide("deny");
    expect(reason(await ask())).toEqual([403, "access_denied"]);
    expect(reason(await lin.decide("approve"))).toEqual([422, "user_code"]);
    expect(reason(await ask())).toEqual([403, "access_denied"]);
  });

  it("hears that its codes have ended", async () => {
    await asSystem(platform, "update device_authorizations set expires_at = now() - interval '1 second'");
    expect(reason(await ask())).toEqual([409, "expired_token"]);
    expect(reason(await (await by("lin@northbank.example")).find())).toEqual([422, "user_code"]);
    expect(reason(await ask("0".repeat(64)))).toEqual([409, "expired_token"]);
  });

  it("that asks too often has to wait longer each time", async () => {
    const hasty = () => send(platform.url, "POST", paths.deviceToken(), { deviceCode: codes.deviceCode });
    expect(reason(await hasty())).toEqual([409, "authorization_pending"]);
    const first = await hasty();
    expect([...reason(first), first.headers.get("retry-after")]).toEqual([429, "slow_down", "10"]);
    expect((await hasty()).headers.get("retry-after")).toBe("15");
    await (await by("lin@northbank.example")).decide("approve");
    expect(reason(await hasty())).toEqual([429, "slow_down"]);
    expect((await ask()).status).toBe(201);
  });

  it("asks for scopes that there are, and for nothing else", async () => {
    expect((await request({ scopes: [] })).status).toBe(400);
    expect((await request({ scopes: ["everything"] })).status).toBe(400);
    expect((await request({ institution: "northbank" })).status).toBe(400);
  });
});

describe("the person's side", () => {
  it("is theirs alone: by session, with the session's CSRF token, and never by a token", async () => {
    const lin = await platform.as("lin@northbank.example");
    expect((await lin.post(paths.deviceRequest(), { userCode: codes.userCode })).status).toBe(403);
    expect((await lin.post(paths.deviceDecision(), { userCode: codes.userCode, decision: "approve" })).status).toBe(403);
    const { cookie } = await platform.signIn("lin@northbank.example");
    const forged = await send(platform.url, "POST", paths.deviceDecision(), { userCode: codes.userCode, decision: "approve" }, { cookie });
    expect(forged.body.code).toBe("csrf");
    expect((await send(platform.url, "POST", paths.deviceDecision(), { userCode: codes.userCode, decision: "approve" })).status).toBe(401);
    expect(reason(await ask())).toEqual([409, "authorization_pending"]);
  });

  it("is decided once, also by two people at the same time", async () => {
    const [lin, auditor] = [await by("lin@northbank.example"), await by("aud@northbank.example")];
    const answers = await Promise.all([lin.decide("approve"), auditor.decide("approve"), lin.decide("deny")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422]);
  });

  it("slows down whoever guesses codes", async () => {
    await platform.addPerson("northbank", "guesser@northbank.example", "auditor");
    const guesser = await by("guesser@northbank.example");
    for (let n = 0; n < 5; n += 1) expect(reason(await guesser.find("BBBB-BBBB"))).toEqual([422, "user_code"]);
    const limited = await guesser.find();
    expect([limited.status, Number(limited.headers.get("retry-after")) > 0]).toEqual([429, true]);
    expect((await guesser.decide("approve")).status).toBe(429);
    expect((await (await by("lin@northbank.example")).find()).status).toBe(200);
  });

  it("leaves no code in the database that could be used from there", async () => {
    const rows = await asSystem<{ text: string }>(platform, "select to_jsonb(d)::text as text from device_authorizations d");
    const text = rows.map((row) => row.text).join();
    expect(text).not.toContain(codes.deviceCode);
    expect(text).not.toContain(codes.userCode);
    expect(text).not.toContain(codes.userCode.replace("-", ""));
  });
});
