import { request } from "node:http";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { send, startPlatform, type TestPlatform } from "../../../test/harness.js";

let plain: TestPlatform;
let encrypted: TestPlatform;
beforeAll(async () => {
  plain = await startPlatform();
  encrypted = await startPlatform({ env: { ZIGGURAT_PUBLIC_URL: "https://ziggurat.example" } });
});
afterAll(async () => {
  await plain?.close();
  await encrypted?.close();
});

const JSON_TYPE = { "content-type": "application/json" };

/** The answer's headers to a request target that `fetch` would tidy up. */
function rawHeaders(platform: TestPlatform, path: string): Promise<{ readonly status: number; readonly headers: Headers }> {
  const { hostname, port } = new URL(platform.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (response) => {
      response.resume();
      const headers = new Headers(Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, headers }));
    })
      .once("error", reject)
      .end();
  });
}

describe("every answer", () => {
  const asks: readonly (readonly [string, (platform: TestPlatform) => Promise<{ readonly status: number; readonly headers: Headers }>])[] =
    [
      ["a read", ({ admin }) => admin.get(paths.me())],
      ["a refusal", ({ url }) => send(url, "GET", paths.me())],
      ["an unknown path", ({ admin }) => admin.get("/api/v1/nothing")],
      ["a wrong method", ({ admin }) => admin.put(paths.institutions(), {})],
      ["broken JSON", ({ url }) => send(url, "POST", paths.login(), Buffer.from("{"), JSON_TYPE)],
      ["a body too large", ({ url }) => send(url, "POST", paths.login(), Buffer.alloc(20_000, "a"), JSON_TYPE)],
      ["the console", ({ url }) => send(url, "GET", "/models")],
      ["a missing file", ({ url }) => send(url, "GET", "/assets/none.js")],
      ["the description", ({ url }) => send(url, "GET", "/openapi.json")],
      ["a path that is no text", (platform) => rawHeaders(platform, "/%ff%fe")],
      ["a path of the machine's", (platform) => rawHeaders(platform, "/api/v1/models/%00/x")],
    ];

  it.each(asks)("%s: sniffed by nobody, framed by nobody, tells no address on, asks for nothing of the machine", async (_, ask) => {
    const { headers } = await ask(plain);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("permissions-policy")).toContain("camera=()");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("server")).toBeNull();
    expect(headers.get("strict-transport-security")).toBeNull();
    expect((await ask(encrypted)).headers.get("strict-transport-security")).toContain("max-age=31536000");
  });
});

describe("the session's cookie", () => {
  const login = (platform: TestPlatform, headers: Readonly<Record<string, string>> = {}) =>
    send(platform.url, "POST", paths.login(), { email: "admin@ziggurat.example", password: "correct horse battery" }, headers);

  it("is what the operator's address makes it, whatever a request says it came over", async () => {
    const forged = { "x-forwarded-proto": "https", "x-forwarded-host": "evil.example", forwarded: "proto=https;host=evil.example" };
    const cookie = (await login(plain, forged)).headers.get("set-cookie") ?? "";
    expect([cookie.startsWith("zig_session="), cookie.includes("Secure")]).toEqual([true, false]);
    const downgraded = (await login(encrypted, { "x-forwarded-proto": "http" })).headers.get("set-cookie") ?? "";
    expect(downgraded).toMatch(/^__Host-zig_session=[0-9a-f]{64}; .*Path=\/; HttpOnly; Secure; SameSite=Lax/);
    expect(downgraded).not.toContain("Domain");
    // A cookie without the prefix, which a neighbouring host could plant, opens nothing.
    const secret = downgraded.split(";")[0]?.split("=")[1] ?? "";
    expect((await send(encrypted.url, "GET", paths.me(), undefined, { cookie: `zig_session=${secret}` })).status).toBe(401);
    expect((await send(encrypted.url, "GET", paths.me(), undefined, { cookie: `__Host-zig_session=${secret}` })).status).toBe(200);
  });

  it("is new at every sign-in: none that was brought along is taken over", async () => {
    const planted = "f".repeat(64);
    const cookie = (await login(plain, { cookie: `zig_session=${planted}` })).headers.get("set-cookie") ?? "";
    expect(cookie).not.toContain(planted);
    expect((await send(plain.url, "GET", paths.me(), undefined, { cookie: `zig_session=${planted}` })).status).toBe(401);
  });

  it("is not given to a form of another site: signing in takes JSON, which no form sends", async () => {
    const form = Buffer.from(JSON.stringify({ email: "admin@ziggurat.example", password: "correct horse battery" }));
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const answer = await send(plain.url, "POST", paths.login(), form, { "content-type": type });
      expect([type, answer.status, answer.headers.get("set-cookie")]).toEqual([type, 415, null]);
    }
    const preflight = await send(plain.url, "OPTIONS", paths.login(), undefined, {
      origin: "https://evil.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("a host", () => {
  it("that a caller makes up appears nowhere in an answer", async () => {
    const { hostname, port } = new URL(plain.url);
    const paths_ = ["/", "/openapi.json", "/api/v1/nothing", `${paths.institutions()}?limit=1`];
    for (const path of paths_) {
      const text = await new Promise<string>((resolve, reject) => {
        const headers = {
          ...plain.admin.headers,
          host: "evil.example",
          "x-forwarded-host": "evil.example",
          origin: "https://evil.example",
        };
        request({ hostname, port, path, headers }, (response) => {
          let body = JSON.stringify(response.headers);
          response.setEncoding("utf8").on("data", (chunk: string) => {
            body += chunk;
          });
          response.once("end", () => resolve(body));
        })
          .once("error", reject)
          .end();
      });
      expect([path, text.includes("evil.example")]).toEqual([path, false]);
    }
  });
});

describe("a body", () => {
  it("of somebody unknown is small, and refused in words beyond", async () => {
    const large = { email: "a@b.example", password: "x".repeat(20_000) };
    const answer = await send(plain.url, "POST", paths.login(), large);
    expect([answer.status, answer.body.code]).toEqual([413, "too_large"]);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  it("nests only so deep, wherever it is sent", async () => {
    const deep = Buffer.from(`{"name":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    for (const path of [paths.institutions(), paths.tokens(), paths.jobs()]) {
      const answer = await send(plain.url, "POST", path, deep, { ...plain.admin.headers, ...JSON_TYPE });
      expect([path, answer.status, answer.body.code]).toEqual([path, 400, "invalid"]);
    }
  });

  it("cannot change what an object is", async () => {
    for (const text of [
      '{"__proto__":{"roles":["platform_admin"]},"slug":"x","name":"x"}',
      '{"constructor":{"prototype":{"x":1}},"slug":"x","name":"x"}',
    ]) {
      const answer = await send(plain.url, "POST", paths.institutions(), Buffer.from(text), { ...plain.admin.headers, ...JSON_TYPE });
      expect([answer.status, answer.body.code]).toEqual([400, "invalid"]);
    }
  });
});

it("is described in YAML as in JSON", async () => {
  const yaml = await send(plain.url, "GET", "/openapi.yaml");
  expect(yaml.headers.get("content-type")).toContain("application/yaml");
  expect(parse(yaml.text)).toEqual((await send(plain.url, "GET", "/openapi.json")).body);
});
