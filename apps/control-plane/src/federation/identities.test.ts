import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

const PASSWORD = "a long enough password";
let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer } });
  await platform.addInstitution("northbank");
  await platform.addInstitution("eastcap");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  await platform.addPerson("northbank", "lin@northbank.example", "institution_member");
  const { body } = await admin.post(paths.identityProviders("northbank"), {
    kind: "oidc",
    name: "North sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
    mapping: [
      { group: "staff", roles: ["institution_member"] },
      { group: "heads", roles: ["institution_admin"] },
    ],
  });
  providerId = body.id;
  op.serve(body.ours.callbackUrl, body.ours.logoutUrl);
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});

/** Signed in by password, in a walker that has the cookie. */
async function byPassword(email: string): Promise<Walker> {
  const walker = new Walker(platform.url);
  const { cookie } = await platform.signIn(email);
  const [name = "", value = ""] = cookie.split("=");
  walker.setCookie(name, value);
  return walker;
}

async function begin(walker: Walker, body: object = { providerId, currentPassword: PASSWORD }) {
  const { csrfToken } = (await walker.me()).body;
  const response = await walker.ask(platform.url + paths.identities(), {
    method: "POST",
    headers: { "content-type": "application/json", "x-csrf-token": csrfToken },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("an account at the provider", () => {
  it("is connected with one's own by signing in at both, and is a way in from then on", async () => {
    op.account = { sub: "lin-there", email: "other.address@example.com", groups: ["staff"] };
    const walker = await byPassword("lin@northbank.example");
    const before = (await walker.me()).body;
    const { status, body } = await begin(walker);
    expect(status).toBe(201);
    expect(await walker.walk(body.url)).toBe("/settings");
    const listed = JSON.parse(await (await walker.ask(platform.url + paths.identities())).text());
    expect(listed.data).toMatchObject([{ provider: "North sign-on", subject: "lin-there" }]);
    const fresh = new Walker(platform.url);
    expect(await fresh.walk(paths.signInStart("oidc", providerId))).toBe("/");
    expect((await fresh.me()).body).toMatchObject({ id: before.id, email: "lin@northbank.example" });
    const [entry] = await asSystem<{ actor_id: string; object: string }>(
      platform,
      "select actor_id, object from audit_entries where action = 'identity.link'",
    );
    expect(entry).toEqual({ actor_id: before.id, object: before.id });
  });

  it("is not connected without the password, by a token, or with a provider of somebody else's", async () => {
    const walker = await byPassword("lin@northbank.example");
    expect((await begin(walker, { providerId, currentPassword: "wrong" })).body.errors).toMatchObject([{ code: "current_password" }]);
    const lin = await platform.as("lin@northbank.example");
    expect((await lin.post(paths.identities(), { providerId, currentPassword: PASSWORD })).status).toBe(403);
    await platform.addPerson("eastcap", "kim@eastcap.example", "institution_member");
    const stranger = await begin(await byPassword("kim@eastcap.example"));
    const absent = await begin(await byPassword("kim@eastcap.example"), { providerId: `idp_${"3".repeat(32)}`, currentPassword: PASSWORD });
    expect([stranger.status, stranger.body.detail]).toEqual([404, absent.body.detail]);
  });

  it("is connected by somebody without a password who has just signed in, and not by one who has not", async () => {
    op.account = { sub: "flo", email: "flo@northbank.example", groups: ["staff"] };
    const walker = new Walker(platform.url);
    await walker.walk(paths.signInStart("oidc", providerId));
    expect((await walker.me()).body).toMatchObject({ hasPassword: false });
    expect((await begin(walker, { providerId })).status).toBe(201);
    await asSystem(platform, "update sessions set created_at = now() - interval '11 minutes'");
    expect((await begin(walker, { providerId })).body.errors).toMatchObject([{ code: "session_old" }]);
  });

  it("is connected in the session that asked, and in no other", async () => {
    op.account = { sub: "attacker", email: "a@example.com", groups: ["staff"] };
    await platform.addPerson("northbank", "wen@northbank.example", "institution_member");
    const walker = await byPassword("wen@northbank.example");
    const { body } = await begin(walker);
    walker.setCookie("zig_session", (await byPassword("lin@northbank.example")).cookie("zig_session") ?? "");
    expect(await walker.walk(body.url)).toContain("refused=state");
    expect(await asSystem(platform, "select 1 from federated_identities where subject = 'attacker'")).toEqual([]);
  });

  it("is one person's only", async () => {
    op.account = { sub: "lin-there", email: "x@example.com", groups: ["staff"] };
    await platform.addPerson("northbank", "mei@northbank.example", "institution_member");
    const walker = await byPassword("mei@northbank.example");
    const { body } = await begin(walker);
    expect(await walker.walk(body.url)).toContain("refused=already_linked");
  });

  it("is connected and disconnected by an administrator for a member, not for themselves, and not of another institution", async () => {
    const yan = await platform.addPerson("northbank", "yan@northbank.example", "institution_member");
    const of = (userId: string) => paths.memberIdentities("northbank", userId);
    const made = await admin.post(of(yan.viewer.userId), { providerId, subject: "yan-there" });
    expect([made.status, made.body.data[0].subject]).toEqual([201, "yan-there"]);
    op.account = { sub: "yan-there", email: "yan@northbank.example", groups: ["staff"] };
    const walker = new Walker(platform.url);
    expect(await walker.walk(paths.signInStart("oidc", providerId))).toBe("/");
    expect((await walker.me()).body.id).toBe(yan.viewer.userId);
    expect((await admin.post(of(admin.viewer.userId), { providerId, subject: "me" })).status).toBe(403);
    expect((await yan.post(of(yan.viewer.userId), { providerId, subject: "me" })).status).toBe(403);
    expect((await platform.admin.post(of(yan.viewer.userId), { providerId, subject: "me" })).status).toBe(403);
    const [{ id }] = made.body.data;
    expect((await admin.delete(`${of(admin.viewer.userId)}/${id}`)).status).toBe(403);
    expect((await admin.delete(`${of(yan.viewer.userId)}/${id}`)).status).toBe(204);
    expect((await walker.me()).status).toBe(401);
    expect(await new Walker(platform.url).walk(paths.signInStart("oidc", providerId))).toContain("refused=account_exists");
  });
});

describe("the last administrator who needs no provider", () => {
  it("cannot become one who does, nor be removed, nor lose the role, although others come through the provider", async () => {
    op.account = { sub: "head", email: "head@northbank.example", groups: ["heads"] };
    const head = new Walker(platform.url);
    expect(await head.walk(paths.signInStart("oidc", providerId))).toBe("/");
    expect((await head.me()).body.roles).toEqual(["institution_admin"]);
    op.account = { sub: "admin-there", email: "y@example.com", groups: ["heads"] };
    const local = await byPassword("admin@northbank.example");
    const { body } = await begin(local);
    expect(await local.walk(body.url)).toContain("refused=last_admin");
    const { id } = (await local.me()).body;
    expect((await admin.delete(paths.member("northbank", id))).body.errors).toMatchObject([{ code: "last_admin" }]);
    expect((await admin.patch(paths.member("northbank", id), { roles: ["auditor"] })).body.errors).toMatchObject([{ code: "last_admin" }]);
    // The other way round is nobody's loss.
    op.account = { sub: "head", email: "head@northbank.example", groups: ["staff"] };
    await new Walker(platform.url).walk(paths.signInStart("oidc", providerId));
    expect((await head.me()).body.roles).toEqual(["institution_member"]);
  });
});
