import { randomBytes } from "node:crypto";
import { paths } from "@ziggurat/contracts";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Client, send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { newTokenText } from "../../identity/secrets.js";

const open: TestPlatform[] = [];
const started = async (env: Readonly<Record<string, string>>): Promise<TestPlatform> => {
  const platform = await startPlatform({ env });
  open.push(platform);
  return platform;
};
afterEach(() => Promise.all(open.splice(0).map((platform) => platform.close())));
afterAll(() => expect(open).toEqual([]));

const statusesOf = async (count: number, ask: () => Promise<{ readonly status: number }>): Promise<number[]> =>
  (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status);
const times = (statuses: readonly number[], wanted: number): number => statuses.filter((status) => status === wanted).length;
const me = (client: Client) => () => client.get(paths.me());

describe("a token", () => {
  it("is refused beyond its own quota, with the standard headers, while others go on", async () => {
    const platform = await started({ ZIGGURAT_RATE_LIMIT: "40" });
    const other = await platform.as("admin@ziggurat.example");
    const session = await platform.signIn("admin@ziggurat.example");
    const statuses = await statusesOf(60, me(platform.admin));
    // While they ran a request or two came back.
    expect(times(statuses, 200)).toBeGreaterThanOrEqual(40);
    expect(times(statuses, 200)).toBeLessThan(46);
    expect(times(statuses, 429)).toBe(60 - times(statuses, 200));
    const refused = await platform.admin.get(paths.me());
    expect([refused.status, refused.body.code]).toEqual([429, "limited"]);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(refused.headers.get("ratelimit-policy")).toBe('"default";q=40;w=60');
    expect(refused.headers.get("ratelimit")).toMatch(/^"default";r=0;t=\d+$/);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await other.get(paths.me())).status).toBe(200);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie })).status).toBe(200);
  });

  it("that is made up opens no quota of its own: whoever sends many is refused by address, and the right ones still pass", async () => {
    const platform = await started({ ZIGGURAT_RATE_LIMIT_UNKNOWN: "30" });
    const madeUp = () => newTokenText(`tok_${randomBytes(16).toString("hex")}`);
    const statuses = await statusesOf(80, () => send(platform.url, "GET", paths.me(), undefined, { authorization: `Bearer ${madeUp()}` }));
    expect(times(statuses, 401)).toBeLessThan(36);
    expect(times(statuses, 429)).toBeGreaterThan(44);
    expect((await send(platform.url, "POST", paths.login(), { email: "a@b.example", password: "x" })).status).toBe(429);
    expect((await platform.admin.get(paths.me())).status).toBe(200);
    expect((await send(platform.url, "GET", "/healthz")).status).toBe(200);
    expect((await send(platform.url, "GET", "/")).headers.get("ratelimit")).toBeNull();
  });
});

describe("an address", () => {
  const ask = (platform: TestPlatform, forwarded: string) =>
    send(platform.url, "GET", paths.me(), undefined, { "x-forwarded-for": forwarded });

  it("is not what a caller says it is", async () => {
    const platform = await started({ ZIGGURAT_RATE_LIMIT_UNKNOWN: "20", ZIGGURAT_PUBLIC_URL: "https://ziggurat.example" });
    let n = 0;
    const statuses = await statusesOf(40, () => ask(platform, `198.51.100.${n++}`));
    expect(times(statuses, 429)).toBeGreaterThan(15);
  });

  it("is what a proxy of ours says, and only the last word of it", async () => {
    const platform = await started({ ZIGGURAT_RATE_LIMIT_UNKNOWN: "20", ZIGGURAT_TRUSTED_PROXIES: "127.0.0.0/8" });
    expect(times(await statusesOf(40, () => ask(platform, "198.51.100.1")), 429)).toBeGreaterThan(15);
    expect((await ask(platform, "198.51.100.2")).status).toBe(401);
    let n = 0;
    const forged = await statusesOf(40, () => ask(platform, `203.0.113.${n++}, 198.51.100.3`));
    expect(times(forged, 429)).toBeGreaterThan(15);
  });
});
