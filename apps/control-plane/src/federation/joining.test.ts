import { type OwnSession, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

const PASSWORD = "a long enough password";
const mapping = [{ group: "staff", roles: ["institution_member"] }];
let platform: TestPlatform;
/** Providers of two institutions, each of their own. */
const ops = new Map<string, { readonly op: OpenIdProvider; readonly id: string; readonly admin: Client }>();
let count = 0;
beforeAll(async () => {
  const [north, south] = [await startOpenIdProvider(), await startOpenIdProvider()];
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: `${north.issuer},${south.issuer}` } });
  await platform.addInstitution("west");
  for (const [slug, op] of [["north", north] as const, ["south", south] as const]) {
    await platform.addInstitution(slug);
    const admin = await platform.addPerson(slug, `admin@${slug}.example`, "institution_admin");
    const client = { issuer: op.issuer, clientId: op.client.id, clientSecret: op.client.secret };
    const { body } = await admin.post(paths.identityProviders(slug), { kind: "oidc", name: `${slug} sign-on`, mapping, ...client });
    op.serve(body.ours.callbackUrl, body.ours.logoutUrl);
    ops.set(slug, { op, id: body.id, admin });
  }
});
afterAll(async () => {
  await platform?.close();
  for (const { op } of ops.values()) await op.close();
});
beforeEach(() => {
  count += 1;
  for (const [slug, { op }] of ops) {
    op.tamper = null;
    op.account = { sub: `ann-${count}`, email: `ann-${count}@${slug}.example`, groups: ["staff"] };
  }
});

const at = (slug: string) => {
  const found = ops.get(slug);
  if (found === undefined) throw new Error(`nobody signs in through a provider at ${slug}`);
  return found;
};
const join = (walker: Walker, slug: string, csrfToken?: string) =>
  walker.send("POST", paths.joinThroughProvider(), { providerId: at(slug).id }, csrfToken);
const switchTo = (walker: Walker, institution: string) => walker.send("POST", paths.switchInstitution(), { institution });
const where = async (walker: Walker): Promise<string> => {
  const { status, body } = await walker.send("GET", paths.me());
  return status === 200 ? body.institution.slug : "nowhere";
};
const sessions = async (walker: Walker): Promise<OwnSession[]> => (await walker.send("GET", paths.ownSessions())).body.data;
const copyOf = (walker: Walker, ...names: readonly string[]): Walker => {
  const copy = new Walker(platform.url);
  for (const name of names) copy.setCookie(name, walker.cookie(name) ?? "");
  return copy;
};

/** Somebody who came in through the provider of the north. */
async function inNorth(): Promise<Walker> {
  const walker = new Walker(platform.url);
  expect(await walker.walk(paths.signInStart("oidc", at("north").id))).toBe("/");
  return walker;
}
/** The same, at the south as well, and there now. */
async function inBoth(): Promise<Walker> {
  const walker = await inNorth();
  const { status, body } = await join(walker, "south");
  expect(status).toBe(200);
  expect(await walker.walk(body.url)).toBe("/");
  return walker;
}
/** On the way back from the south's provider: the address is asked for, and not yet walked to. */
async function onTheWayBack(walker: Walker): Promise<string> {
  const { body } = await join(walker, "south");
  return walker.walk(body.url, (url) => url.startsWith(`${platform.url}/auth/`));
}

describe("another institution opened through its provider", () => {
  it("is held beside the first: one goes over there, and back, and out of both at once", async () => {
    const walker = await inBoth();
    expect(await where(walker)).toBe("south");
    expect((await sessions(walker)).map(({ institution, isCurrent, isHeld }) => [institution.slug, isCurrent, isHeld])).toEqual([
      ["south", true, true],
      ["north", false, true],
    ]);
    expect((await switchTo(walker, "north")).status).toBe(200);
    expect(await where(walker)).toBe("north");
    expect((await switchTo(walker, "south")).status).toBe(200);
    // Who came through a provider is told that they may sign out there as well.
    expect((await walker.send("POST", paths.logout())).status).toBe(200);
    const left = await asSystem(platform, "select 1 from sessions s join users u on u.id = s.user_id where u.email like $1", [
      `ann-${count}@%`,
    ]);
    expect([await where(walker), left]).toEqual(["nowhere", []]);
  });

  it("goes with a password in the first, and with a password in a third", async () => {
    await platform.addPerson("west", `ann-${count}@west.example`, "institution_member");
    const walker = new Walker(platform.url);
    const { cookie } = await platform.signIn(`ann-${count}@west.example`);
    walker.setCookie("zig_session", cookie.split("=")[1] ?? "");
    const { body } = await join(walker, "south");
    expect(await walker.walk(body.url)).toBe("/");
    await platform.addPerson("north", `ann-${count}@people.example`, "institution_member");
    const by = { email: `ann-${count}@people.example`, password: PASSWORD };
    expect((await walker.send("POST", paths.joinSession(), by)).status).toBe(200);
    expect((await sessions(walker)).filter(({ isHeld }) => isHeld).map(({ institution }) => institution.slug)).toEqual([
      "north",
      "south",
      "west",
    ]);
  });

  it("leaves a copy of the earlier cookie worth nothing, and takes over no secret that was there before", async () => {
    const walker = await inNorth();
    const copy = copyOf(walker, "zig_session");
    const back = await onTheWayBack(walker);
    expect(await where(copy)).toBe("north");
    await walker.walk(back);
    expect([await where(walker), await where(copy)]).toEqual(["south", "nowhere"]);
    const second = copyOf(walker, "zig_session");
    await switchTo(walker, "north");
    expect([await where(walker), await where(second)]).toEqual(["north", "nowhere"]);
    expect(walker.cookie("zig_sign_in")).toBeUndefined();
  });

  it("makes both accounts one person's from then on", async () => {
    await inBoth();
    const people = await asSystem<{ person: string }>(platform, "select distinct person from users where email like $1", [
      `ann-${count}@%`,
    ]);
    expect(people).toEqual([{ person: expect.any(String) }]);
  });

  it("ends when that provider says that they have left, and the first stays", async () => {
    const walker = await inBoth();
    await switchTo(walker, "north");
    const { op, id } = at("south");
    const now = Math.floor(Date.now() / 1000);
    const event = { "http://schemas.openid.net/event/backchannel-logout": {} };
    const claims = {
      iss: op.issuer,
      aud: op.client.id,
      sub: `ann-${count}`,
      iat: now,
      exp: now + 120,
      jti: `left ${count}`,
      events: event,
    };
    const body = new URLSearchParams({ logout_token: await op.sign(claims, { typ: "logout+jwt" }) });
    expect((await fetch(platform.url + paths.backChannelLogout(id), { method: "POST", body })).status).toBe(200);
    expect([(await switchTo(walker, "south")).status, await where(walker)]).toEqual([404, "north"]);
  });

  it("tells neither institution's log of the other", async () => {
    await inBoth();
    const entries = await asSystem<{ slug: string; text: string }>(
      platform,
      `select i.slug, e.reason || ' ' || e.actor_name || ' ' || e.object as text from audit_entries e join institutions i on i.id = e.institution_id
       where e.actor_name like $1 or e.object in (select id from users where email like $1)`,
      [`ann-${count}@%`],
    );
    expect(new Set(entries.map(({ slug }) => slug))).toEqual(new Set(["north", "south"]));
    const other = { north: ["south", at("south").id], south: ["north", at("north").id] };
    for (const { slug, text } of entries) for (const word of slug === "north" ? other.north : other.south) expect(text).not.toContain(word);
  });
});

describe("the trip", () => {
  it("is begun by the page itself, signed in, and for a way in that is offered and not open yet", async () => {
    const walker = await inNorth();
    expect([(await join(walker, "south", "")).status, (await join(walker, "south", "x")).body.code]).toEqual([403, "csrf"]);
    expect((await send(platform.url, "POST", paths.joinThroughProvider(), { providerId: at("south").id })).status).toBe(401);
    const token = await at("north").admin.post(paths.joinThroughProvider(), { providerId: at("south").id });
    expect([token.status, token.body.code]).toEqual([403, "denied"]);
    const open = await join(walker, "north");
    expect([open.status, open.body.errors[0].code]).toEqual([409, "institution_open"]);
    const absent = await walker.send("POST", paths.joinThroughProvider(), { providerId: `idp_${"3".repeat(32)}` });
    const { admin, id } = at("south");
    await admin.patch(paths.identityProvider("south", id), { isEnabled: false });
    const off = await join(walker, "south");
    await admin.patch(paths.identityProvider("south", id), { isEnabled: true });
    expect([off.status, off.body.detail]).toEqual([404, absent.body.detail]);
    expect(walker.cookie("zig_sign_in")).toBeUndefined();
  });

  it("leads back to the console's first page, whatever is asked for", async () => {
    const walker = await inNorth();
    const asked = { providerId: at("south").id, returnTo: "https://evil.example/" };
    expect((await walker.send("POST", paths.joinThroughProvider(), asked)).status).toBe(400);
    const back = await onTheWayBack(walker);
    expect(await walker.walk(`${back}&returnTo=https%3A%2F%2Fevil.example&next=%2F%2Fevil.example`)).toBe("/");
  });

  it("ends in the browser that it began in, and in no other", async () => {
    const walker = await inNorth();
    const back = await onTheWayBack(walker);
    const other = copyOf(walker, "zig_session");
    expect(await other.walk(back)).toBe("/login?refused=state&institution=south");
    expect(await where(other)).toBe("north");
    // And with the cookie of a trip of its own.
    await join(other, "south");
    expect(await other.walk(back)).toContain("refused=state");
    expect((await sessions(other)).map(({ institution }) => institution.slug)).toEqual(["north"]);
  });

  it("ends in the session that asked: not in another person's, not without one, and not after going elsewhere", async () => {
    const walker = await inNorth();
    const back = await onTheWayBack(walker);
    const nobody = copyOf(walker, "zig_sign_in");
    expect(await nobody.walk(back)).toContain("refused=state");
    expect(await where(nobody)).toBe("nowhere");

    await platform.addPerson("west", `eve-${count}@west.example`, "institution_member");
    const stranger = copyOf(walker, "zig_sign_in");
    stranger.setCookie("zig_session", (await platform.signIn(`eve-${count}@west.example`)).cookie.split("=")[1] ?? "");
    const again = await onTheWayBack(walker);
    stranger.setCookie("zig_sign_in", walker.cookie("zig_sign_in") ?? "");
    expect(await stranger.walk(again)).toContain("refused=state");
    expect((await sessions(stranger)).map(({ institution, isHeld }) => [institution.slug, isHeld])).toEqual([
      ["west", true],
      ["west", false],
    ]);
    expect(await asSystem(platform, "select 1 from users where email = $1 and person is not null", [`eve-${count}@west.example`])).toEqual(
      [],
    );

    const third = await onTheWayBack(walker);
    await walker.send("POST", paths.logout());
    expect(await walker.walk(third)).toContain("refused=state");
    expect(await where(walker)).toBe("nowhere");
  });

  it("is made once, and within ten minutes", async () => {
    const walker = await inNorth();
    const back = await onTheWayBack(walker);
    const cookie = walker.cookie("zig_sign_in") ?? "";
    await walker.walk(back);
    const at = walker.cookie("zig_session");
    walker.setCookie("zig_sign_in", cookie);
    expect(await walker.walk(back)).toContain("refused=state");
    expect([await where(walker), walker.cookie("zig_session")]).toEqual(["south", at]);
    const late = await inNorth();
    const lateBack = await onTheWayBack(late);
    await asSystem(platform, "update federated_sign_ins set expires_at = now()");
    expect(await late.walk(lateBack)).toContain("refused=state");
    expect(await where(late)).toBe("north");
  });

  it("opens nothing for what the provider did not say to this question, nor for whom it turns away", async () => {
    const walker = await inNorth();
    const { op } = at("south");
    op.tamper = (_, claims) => op.sign({ ...claims, nonce: "of another question" });
    expect(await walker.walk((await join(walker, "south")).body.url)).toBe("/login?refused=assertion&institution=south");
    op.tamper = null;
    op.account = null;
    walker.forget(op.issuer);
    expect(await walker.walk((await join(walker, "south")).body.url)).toContain("refused=provider_refused");
    expect([await where(walker), (await sessions(walker)).length]).toEqual(["north", 1]);
  });

  it("opens an institution once, also where two tabs go there at the same time", async () => {
    const walker = await inNorth();
    const [one, two] = [await onTheWayBack(walker), copyOf(walker, "zig_session")];
    two.forget(at("south").op.issuer);
    const other = await onTheWayBack(two);
    expect(await walker.walk(one)).toBe("/");
    // The other tab has the new cookie by now, and its own trip is that of a session which was left behind.
    walker.setCookie("zig_sign_in", two.cookie("zig_sign_in") ?? "");
    expect(await walker.walk(other)).toContain("refused=state");
    await switchTo(walker, "north");
    const open = await join(walker, "south");
    expect([open.status, open.body.errors[0].code]).toEqual([409, "institution_open"]);
    // Begun while it was not open, come back when it is.
    const third = await inNorth();
    const back = await onTheWayBack(third);
    const by = { email: `ann-${count}@password.example`, password: PASSWORD };
    await platform.addPerson("south", by.email, "institution_member");
    expect((await third.send("POST", paths.joinSession(), by)).status).toBe(200);
    await switchTo(third, "north");
    expect(await third.walk(back)).toBe("/login?refused=institution_open&institution=south");
    expect(await where(third)).toBe("north");
    const noted = await asSystem(
      platform,
      "select 1 from audit_entries where action = 'session.refused' and reason like 'institution_open%'",
    );
    expect(noted).toEqual([]);
  });
});
