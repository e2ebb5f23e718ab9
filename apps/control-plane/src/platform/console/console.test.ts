import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, startPlatform, type TestPlatform } from "../../../test/harness.js";

let platform: TestPlatform;
let built: string;
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), "ziggurat-console-"));
  mkdirSync(join(built, "assets"));
  writeFileSync(join(built, "index.html"), '<meta name="csp-nonce" content="__CSP_NONCE__"><div id="root"></div>');
  writeFileSync(join(built, "assets", "app-a1b2.js"), "export {};");
  writeFileSync(join(built, "mark.svg"), "<svg/>");
  writeFileSync(join(built, "..", "ziggurat-secret.txt"), "outside");
  platform = await startPlatform({ env: { ZIGGURAT_CONSOLE_DIR: built } });
});
afterAll(async () => {
  await platform?.close();
  rmSync(built, { recursive: true, force: true });
  rmSync(join(built, "..", "ziggurat-secret.txt"), { force: true });
});

const get = (path: string) => send(platform.url, "GET", path);

describe("the console", () => {
  it("is answered at every screen's address, with a fresh nonce in page and policy", async () => {
    const nonces = new Set<string>();
    for (const path of ["/", "/models/bank/task", "/jobs?filter=running"]) {
      const page = await get(path);
      const nonce = /content="([^"]+)"/.exec(page.text)?.[1] ?? "";
      expect([page.status, page.headers.get("content-type"), page.headers.get("cache-control")]).toEqual([
        200,
        "text/html; charset=utf-8",
        "no-store",
      ]);
      expect(page.headers.get("content-security-policy")).toContain(`style-src 'self' 'nonce-${nonce}'`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
  });

  it("may load its own files only, and nobody may frame it", async () => {
    const policy = (await get("/")).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  });

  it("keeps hashed files for good and asks again for the others", async () => {
    const hashed = await get("/assets/app-a1b2.js");
    expect([hashed.status, hashed.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect(hashed.headers.get("content-type")).toContain("javascript");
    expect((await get("/mark.svg")).headers.get("cache-control")).toBe("public, max-age=0");
  });

  it("never stands in for a missing file or for a machine's path", async () => {
    for (const path of ["/assets/gone.js", "/favicon.ico", "/api/v1/nothing", "/api", "/v1/models", "/hf/x", "/.well-known/x"]) {
      const answer = await get(path);
      expect([path, answer.status, answer.body?.code]).toEqual([path, 404, "hidden"]);
    }
  });

  it("answers nothing from outside its folder", async () => {
    for (const path of ["/..%2fziggurat-secret.txt", "/%2e%2e/ziggurat-secret.txt", "/assets/..%2f..%2fziggurat-secret.txt", "/%zz"]) {
      const answer = await get(path);
      expect([path, answer.text.includes("outside")]).toEqual([path, false]);
    }
  });
});

it("says how to build the console where it is missing", async () => {
  const bare = await startPlatform({ env: { ZIGGURAT_CONSOLE_DIR: join(built, "nowhere") } });
  const page = await send(bare.url, "GET", "/");
  expect([page.status, page.text.includes("npm run build")]).toEqual([503, true]);
  await bare.close();
});

it("sets strict headers on every answer of the API", async () => {
  const { headers } = await get("/api/v1/nothing");
  expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});
