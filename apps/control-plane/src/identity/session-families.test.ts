import { type OwnSession, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";

const PASSWORD = "a long enough password";
let platform: TestPlatform;
let count = 0;
beforeAll(async () => {
  platform = await startPlatform();
  for (const slug of ["north", "south", "west"]) await platform.addInstitution(slug);
});
afterAll(() => platform?.close());
beforeEach(() => {
  count += 1;
});

/** A browser: one cookie, and the CSRF token of its page. */
class Browser {
  cookie = "";
  csrfToken = "";

  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await send(platform.url, method, path, body, { cookie: this.cookie, "x-csrf-token": this.csrfToken });
    const set = answer.headers.get("set-cookie")?.split(";")[0];
    if (set !== undefined) this.cookie = set;
    if (answer.status === 200 && typeof answer.body?.csrfToken === "string") this.csrfToken = answer.body.csrfToken;
    return answer;
  }
  copy(): Browser {
    return Object.assign(new Browser(), { cookie: this.cookie, csrfToken: this.csrfToken });
  }
  async where(): Promise<string> {
    return (await this.ask("GET", paths.me())).body?.institution?.slug ?? "nowhere";
  }
  async sessions(): Promise<OwnSession[]> {
    return (await this.ask("GET", paths.ownSessions())).body.data;
  }
}

const email = () => `ann-${count}@people.example`;
const add = (slug: string, address = email(), password = `${PASSWORD} ${slug}`) =>
  platform.admin.post(paths.members(slug), { email: address, name: "Ann", roles: ["institution_member"], password });
const login = (slug: string, address = email()) => ({ email: address, password: `${PASSWORD} ${slug}` });

async function signedIn(slug: string): Promise<Browser> {
  const browser = new Browser();
  expect((await browser.ask("POST", paths.login(), login(slug))).status).toBe(200);
  return browser;
}
/** Somebody with accounts in two institutions, who holds both open and is in the second. */
async function inBoth(): Promise<Browser> {
  await add("north");
  await add("south");
  const browser = await signedIn("north");
  expect((await browser.ask("POST", paths.joinSession(), login("south"))).status).toBe(200);
  return browser;
}

describe("signing in to another institution beside this one", () => {
  it("asks for that account's own password, and goes over there", async () => {
    const browser = await inBoth();
    expect(await browser.where()).toBe("south");
    expect((await browser.sessions()).map(({ institution, isCurrent, isHeld }) => [institution.slug, isCurrent, isHeld])).toEqual([
      ["south", true, true],
      ["north", false, true],
    ]);
  });

  it("never joins by an address alone, whatever institution gave it to whom", async () => {
    await add("north");
    await add("south");
    const browser = await signedIn("north");
    for (const body of [{ ...login("north"), institution: "south" }, login("west"), { ...login("south"), password: "x" }]) {
      expect((await browser.ask("POST", paths.joinSession(), body)).status).toBe(401);
    }
    expect((await browser.ask("POST", paths.switchInstitution(), { institution: "south" })).status).toBe(404);
    expect(await browser.where()).toBe("north");
    expect(await browser.sessions()).toHaveLength(1);
  });

  it("wants the page's own CSRF token, a session, and an institution that is not open yet", async () => {
    const browser = await inBoth();
    const forged = browser.copy();
    forged.csrfToken = "";
    for (const path of [paths.joinSession(), paths.switchInstitution()]) {
      expect((await forged.ask("POST", path, path === paths.joinSession() ? login("north") : { institution: "north" })).body.code).toBe(
        "csrf",
      );
    }
    expect((await browser.ask("POST", paths.joinSession(), login("north"))).body.errors[0].code).toBe("institution_open");
    expect((await browser.ask("POST", paths.joinSession(), login("south"))).body.errors[0].code).toBe("institution_open");
    const client: Client = await platform.addPerson("west", `token-${count}@west.example`, "institution_member");
    expect((await client.post(paths.joinSession(), login("north"))).status).toBe(403);
    expect((await client.get(paths.ownSessions())).status).toBe(403);
  });

  it("leaves a copy of the earlier cookie worth nothing", async () => {
    await add("north");
    await add("south");
    const browser = await signedIn("north");
    const copy = browser.copy();
    await browser.ask("POST", paths.joinSession(), login("south"));
    expect(await copy.where()).toBe("nowhere");
    const second = browser.copy();
    await browser.ask("POST", paths.switchInstitution(), { institution: "north" });
    expect([await browser.where(), await second.where()]).toEqual(["north", "nowhere"]);
  });

  it("knows both accounts for one person from then on, and their other accounts with them", async () => {
    await inBoth();
    const other = `private-${count}@home.example`;
    await add("west", other);
    const third = await signedIn("north");
    expect((await third.ask("POST", paths.joinSession(), login("west", other))).status).toBe(200);
    const people = await asSystem<{ person: string }>(platform, "select distinct person from users where email in ($1, $2)", [
      email(),
      other,
    ]);
    expect(people).toHaveLength(1);
    expect(people[0]?.person).not.toBeNull();
  });

  it("is slowed down and noted like any sign-in", async () => {
    await add("north");
    await add("south");
    const browser = await signedIn("north");
    const answers: number[] = [];
    for (let n = 0; n < 12; n += 1)
      answers.push((await browser.ask("POST", paths.joinSession(), { ...login("south"), password: "wrong" })).status);
    expect(answers).toContain(429);
    const [noted] = await asSystem<{ n: number }>(
      platform,
      `select count(*)::int as n from audit_entries e join users u on u.id = e.object where e.action = 'session.refused' and u.email = $1`,
      [email()],
    );
    expect(noted?.n).toBeGreaterThan(0);
  });
});

describe("going over", () => {
  it("gives a new secret and a new CSRF token, there and back", async () => {
    const browser = await inBoth();
    const before = browser.copy();
    expect((await browser.ask("POST", paths.switchInstitution(), { institution: "north" })).status).toBe(200);
    expect(await browser.where()).toBe("north");
    expect([browser.cookie === before.cookie, browser.csrfToken === before.csrfToken]).toEqual([false, false]);
    // A page that was open before has the new cookie and the old token.
    const stale = browser.copy();
    stale.csrfToken = before.csrfToken;
    expect((await stale.ask("POST", paths.tokens(), { name: "x", scopes: ["models:read"] })).body.code).toBe("csrf");
    await browser.ask("POST", paths.switchInstitution(), { institution: "south" });
    expect(await browser.where()).toBe("south");
  });

  it("reaches nothing that this browser does not hold open, and answers alike for what is not there", async () => {
    const browser = await inBoth();
    await add("west");
    const elsewhere = await signedIn("west");
    const answers = await Promise.all(
      ["west", "nobody", "south"].map((institution) => browser.ask("POST", paths.switchInstitution(), { institution })),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect(await elsewhere.where()).toBe("west");
  });

  it("ends with the membership there", async () => {
    const browser = await inBoth();
    await browser.ask("POST", paths.switchInstitution(), { institution: "north" });
    const [there] = await asSystem<{ id: string }>(
      platform,
      "select u.id from users u join institutions i on i.id = u.institution_id where i.slug = 'south' and u.email = $1",
      [email()],
    );
    expect((await platform.admin.delete(paths.member("south", there?.id ?? ""))).status).toBe(204);
    expect((await browser.ask("POST", paths.switchInstitution(), { institution: "south" })).status).toBe(404);
    expect(await browser.where()).toBe("north");
  });

  it("done twice at once leaves one way in", async () => {
    const browser = await inBoth();
    const twin = browser.copy();
    await Promise.all([browser, twin].map((one) => one.ask("POST", paths.switchInstitution(), { institution: "north" })));
    const places = [await browser.where(), await twin.where()].sort();
    expect(places).toEqual(["north", "nowhere"]);
  });
});

describe("ending", () => {
  it("signs out of everything that the browser holds open", async () => {
    const browser = await inBoth();
    const other = await signedIn("south");
    expect((await browser.ask("POST", paths.logout())).status).toBe(204);
    const [left] = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from sessions s join users u on u.id = s.user_id where u.email = $1",
      [email()],
    );
    expect([await browser.where(), await other.where(), left?.n]).toEqual(["nowhere", "south", 1]);
  });

  it("takes one of one's own sessions, in any browser, and no other's", async () => {
    const browser = await inBoth();
    const phone = await signedIn("south");
    const lost = (await browser.sessions()).find(({ isHeld }) => !isHeld);
    expect((await browser.ask("DELETE", paths.ownSession(lost?.id ?? ""))).status).toBe(204);
    expect([await phone.where(), await browser.where()]).toEqual(["nowhere", "south"]);
    const north = (await browser.sessions()).find(({ institution }) => institution.slug === "north");
    const stranger = new Browser();
    await add("west", `other-${count}@west.example`);
    await stranger.ask("POST", paths.login(), login("west", `other-${count}@west.example`));
    expect((await stranger.ask("DELETE", paths.ownSession(north?.id ?? ""))).status).toBe(404);
    expect((await browser.ask("DELETE", paths.ownSession(north?.id ?? ""))).status).toBe(204);
    expect((await browser.ask("POST", paths.switchInstitution(), { institution: "north" })).status).toBe(404);
    const [current] = await browser.sessions();
    expect((await browser.ask("DELETE", paths.ownSession(current?.id ?? ""))).status).toBe(204);
    expect(await browser.where()).toBe("nowhere");
  });
});

it("tells an institution's log nothing of where else its people are", async () => {
  const browser = await inBoth();
  await browser.ask("POST", paths.switchInstitution(), { institution: "north" });
  const entries = await asSystem<{ slug: string; action: string; text: string }>(
    platform,
    `select i.slug, e.action, e.reason || e.actor_name || e.object as text from audit_entries e join institutions i on i.id = e.institution_id
     join users u on u.id = e.object where u.email = $1`,
    [email()],
  );
  expect(entries.filter(({ slug }) => slug === "north").map(({ action }) => action)).toContain("session.switch");
  for (const { slug, text } of entries) expect(text).not.toContain(slug === "north" ? "south" : "north");
});
