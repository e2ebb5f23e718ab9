import { randomUUID } from "node:crypto";
import { type CreatedToken, paths } from "@ziggurat/contracts";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const ADA = { sub: "ada", email: "ada@northbank.example", groups: ["staff"] };
let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
let tab: Walker;
let session: string;

beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer } });
  await platform.addInstitution("northbank");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  const { body } = await admin.post(paths.identityProviders("northbank"), {
    kind: "oidc",
    name: "North sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
    mapping: [{ group: "staff", roles: ["institution_member"] }],
  });
  providerId = body.id;
  op.serve(body.ours.callbackUrl, body.ours.logoutUrl);
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});
beforeEach(async () => {
  tab = await signedIn();
  const [row] = await asSystem<{ provider_session: string }>(
    platform,
    "select provider_session from sessions where provider_id = $1 order by id desc limit 1",
    [providerId],
  );
  session = row?.provider_session ?? "";
});

async function signedIn(account = ADA): Promise<Walker> {
  op.account = account;
  const walker = new Walker(platform.url);
  expect(await walker.walk(paths.signInStart("oidc", providerId))).toBe("/");
  return walker;
}

const claims = (more: JWTPayload = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: op.issuer, aud: op.client.id, iat: now, exp: now + 120, jti: randomUUID(), events: { [EVENT]: {} }, ...more };
};
const HEADER = { typ: "logout+jwt" };
const tell = async (token: string): Promise<number> => {
  const response = await fetch(platform.url + paths.backChannelLogout(providerId), {
    method: "POST",
    body: new URLSearchParams({ logout_token: token }),
  });
  await response.arrayBuffer();
  return response.status;
};
const isIn = async (walker: Walker): Promise<boolean> => (await walker.me()).status === 200;

describe("a logout token", () => {
  it("ends the one session that it names, and no other of the same person", async () => {
    const other = await signedIn();
    expect(session).not.toBe("");
    expect(await tell(await op.sign(claims({ sid: session }), HEADER))).toBe(200);
    expect([await isIn(tab), await isIn(other)]).toEqual([false, true]);
  });

  it("ends every session that the provider opened for a person, and none that they opened otherwise or that are somebody else's", async () => {
    const second = await signedIn();
    const bob = await signedIn({ sub: "bob", email: "bob@northbank.example", groups: ["staff"] });
    const local = await platform.signIn("admin@northbank.example");
    expect(await tell(await op.sign(claims({ sub: "ada" }), HEADER))).toBe(200);
    expect([await isIn(tab), await isIn(second), await isIn(bob)]).toEqual([false, false, true]);
    const me = await fetch(platform.url + paths.me(), { headers: { cookie: local.cookie } });
    expect(me.status).toBe(200);
    const entries = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'session.end' order by id desc",
    );
    expect(entries[0]).toEqual({ reason: "North sign-on" });
  });

  it("cuts an open event stream within seconds", async () => {
    const { body: models } = await admin.post(paths.models(), {
      namespace: "northbank",
      slug: "cards",
      tier: "institution",
      name: "Cards",
      scenario: "risk",
    });
    const jobId = `job_${"a".repeat(32)}`;
    await asSystem(
      platform,
      `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name)
       select $1, institution_id, id, 'tune', 'lora', 'institution', '{}', 1, 'running', $3, 'Admin' from models where id = $2`,
      [jobId, models.id, admin.viewer.userId],
    );
    const stream = await tab.ask(`${platform.url}/api/v1/jobs/${jobId}/events`);
    expect(stream.status).toBe(200);
    const reader = stream.body?.getReader();
    let hasEnded = false;
    const ended = (async () => {
      while (reader !== undefined && !(await reader.read()).done);
      hasEnded = true;
    })();
    const asked = Date.now();
    // It goes on while the session does: the platform asks every three seconds.
    await expect.poll(() => Date.now() - asked > 4000, { timeout: 6000 }).toBe(true);
    expect(hasEnded).toBe(false);
    await tell(await op.sign(claims({ sub: "ada" }), HEADER));
    const told = Date.now();
    await ended;
    expect(Date.now() - told).toBeLessThan(5000);
  }, 20_000);

  it("counts once", async () => {
    const token = await op.sign(claims({ sub: "ada" }), HEADER);
    expect(await tell(token)).toBe(200);
    const again = await signedIn();
    expect(await tell(token)).toBe(400);
    expect(await isIn(again)).toBe(true);
  });

  it("that does not hold ends nothing, says nothing and is written down", async () => {
    const now = Math.floor(Date.now() / 1000);
    const { privateKey } = await generateKeyPair("RS256");
    const good = claims({ sub: "ada" });
    const { events: _events, ...withoutEvents } = good;
    const { jti: _jti, ...withoutJti } = good;
    const { iat: _iat, ...withoutIat } = good;
    const { exp: _exp, ...withoutExp } = good;
    const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const cases: Record<string, string> = {
      "another key": await new SignJWT(good).setProtectedHeader({ alg: "RS256", kid: "first" }).sign(privateKey),
      "alg none": `${encoded({ alg: "none" })}.${encoded(good)}.`,
      "the client's secret as key": await new SignJWT(good)
        .setProtectedHeader({ alg: "HS256" })
        .sign(new TextEncoder().encode(op.client.secret)),
      expired: await op.sign({ ...good, iat: now - 900, exp: now - 600 }),
      "made long ago": await op.sign({ ...good, iat: now - 900 }),
      "made later": await op.sign({ ...good, iat: now + 900, exp: now + 1000 }),
      audience: await op.sign({ ...good, aud: "somebody else" }),
      issuer: await op.sign({ ...good, iss: "https://evil.example" }),
      nonce: await op.sign({ ...good, nonce: "n" }),
      "no events": await op.sign(withoutEvents),
      "other events": await op.sign({ ...good, events: { "https://schemas.example/other": {} } }),
      "no jti": await op.sign(withoutJti),
      "no iat": await op.sign(withoutIat),
      "no exp": await op.sign(withoutExp),
      nobody: await op.sign(claims()),
      "no token at all": "not a token",
    };
    const answers: Record<string, number> = {};
    for (const [name, token] of Object.entries(cases)) answers[name] = await tell(token);
    expect(answers).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, 400])));
    expect(await isIn(tab)).toBe(true);
    const rows = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'session.refused' and object = $1",
      [providerId],
    );
    expect(rows.length).toBeGreaterThanOrEqual(Object.keys(cases).length);
    // The cases differ from a token that holds in what they say and in nothing else.
    expect(await tell(await op.sign(good, HEADER))).toBe(200);
    expect(await isIn(tab)).toBe(false);
  });

  it("about somebody who never signed in here is taken, and ends nothing", async () => {
    expect(await tell(await op.sign(claims({ sub: "stranger" }), HEADER))).toBe(200);
    expect(await isIn(tab)).toBe(true);
  });

  it("leaves tokens to be revoked by themselves", async () => {
    const { csrfToken } = (await tab.me()).body;
    const made = await tab.ask(platform.url + paths.tokens(), {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": csrfToken },
      body: JSON.stringify({ name: "laptop", scopes: ["models:read"] }),
    });
    const { secret }: CreatedToken = JSON.parse(await made.text());
    await tell(await op.sign(claims({ sub: "ada" }), HEADER));
    const used = await fetch(platform.url + paths.models(), { headers: { authorization: `Bearer ${secret}` } });
    expect(used.status).toBe(200);
  });
});
