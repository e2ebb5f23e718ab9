import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, send, startPlatform, type TestPlatform } from "../../../test/harness.js";

let platform: TestPlatform;
let admin: Client;
beforeAll(async () => {
  platform = await startPlatform();
  ({ admin } = platform);
});
afterAll(() => platform.close());

describe("problems", () => {
  it("names every faulty field at once, by JSON pointer", async () => {
    const answer = await admin.post(paths.institutions(), { slug: "Bad Slug", name: "", colour: "red" });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ code: "invalid", status: 400, instance: paths.institutions() });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(["/colour", "/name", "/slug"]);
  });

  it("answers the caller's request id where it is safe, else one of its own, in header and body", async () => {
    const mine = await admin.get("/api/v1/nothing", { "x-request-id": "my-id.1" });
    expect([mine.headers.get("x-request-id"), mine.body.requestId]).toEqual(["my-id.1", "my-id.1"]);
    const unsafe = await admin.get("/api/v1/nothing", { "x-request-id": "<script>" });
    expect(unsafe.body.requestId).toMatch(/^req_[0-9a-f]{32}$/);
  });

  it("tells the methods of a path that was asked with another", async () => {
    const answer = await admin.put(paths.institutions(), {});
    expect([answer.status, answer.body.code]).toEqual([405, "method_not_allowed"]);
    expect(answer.headers.get("allow")).toBe("GET, HEAD, POST");
    const read = await admin.get(paths.login());
    expect([read.status, read.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("refuses broken JSON, other media types and bodies beyond the limit", async () => {
    const headers = { ...admin.headers, "content-type": "application/json" };
    const broken = await fetch(platform.url + paths.institutions(), { method: "POST", headers, body: "{" });
    expect([broken.status, JSON.parse(await broken.text()).code]).toEqual([400, "invalid"]);
    const xml = await fetch(platform.url + paths.institutions(), {
      method: "POST",
      headers: { ...headers, "content-type": "application/xml" },
      body: "<a/>",
    });
    expect([xml.status, JSON.parse(await xml.text()).code]).toEqual([415, "unsupported_media_type"]);
    const big = await fetch(platform.url + paths.institutions(), { method: "POST", headers, body: `"${"x".repeat(9 * 1024 * 1024)}"` });
    expect([big.status, JSON.parse(await big.text()).code]).toEqual([413, "too_large"]);
  });

  it("refuses parameters it does not know, with and without a query of its own", async () => {
    const list = await admin.get(`${paths.institutions()}?colour=red`);
    expect([list.status, list.body.errors]).toEqual([400, [{ code: "unknown_parameter", detail: "colour: is not known here" }]]);
    expect((await admin.get(`${paths.me()}?x=1`)).status).toBe(400);
  });
});

describe("reading again", () => {
  it("answers 304 to who has it already, and again in full after it changed", async () => {
    const first = await admin.get(paths.institution("platform"));
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    const second = await admin.get(paths.institution("platform"), { "if-none-match": etag });
    expect([second.status, second.text]).toEqual([304, ""]);
    await platform.addPerson("platform", "reader@ziggurat.example", "auditor");
    const third = await admin.get(paths.institution("platform"), { "if-none-match": etag });
    expect([third.status, third.body.members]).toEqual([200, 2]);
  });
});

describe("pages", () => {
  it("walks a list to its end through nextCursor and Link, each row once", async () => {
    for (const slug of ["a-bank", "b-bank", "c-bank"]) await platform.addInstitution(slug);
    const seen: string[] = [];
    let path: string | null = `${paths.institutions()}?limit=2`;
    while (path !== null) {
      const page = await admin.get(path);
      seen.push(...page.body.data.map(({ slug }: { slug: string }) => slug));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
      expect(page.body.nextCursor === null).toBe(path === null);
    }
    expect(seen).toEqual(["a-bank", "b-bank", "c-bank", "platform"]);
  });

  it("refuses a cursor that was changed or made for another list", async () => {
    const { nextCursor } = (await admin.get(`${paths.institutions()}?limit=1`)).body;
    const forged = nextCursor.replace(/^../, "AA");
    expect((await admin.get(`${paths.institutions()}?cursor=${forged}`)).body.code).toBe("invalid");
    expect((await admin.get(`${paths.members("platform")}?cursor=${nextCursor}`)).body.code).toBe("invalid");
    expect((await admin.get(`${paths.institutions()}?cursor=${nextCursor}`)).status).toBe(200);
  });

  it("counts only when asked to", async () => {
    expect((await admin.get(paths.institutions())).body).not.toHaveProperty("total");
    expect((await admin.get(`${paths.institutions()}?include=total&limit=1`)).body.total).toBe(4);
  });
});

describe("other doors", () => {
  it("is alive, ready, and answers MLflow clients", async () => {
    expect((await send(platform.url, "GET", "/healthz")).body).toEqual({ status: "ok" });
    expect((await send(platform.url, "GET", "/readyz")).body).toEqual({ status: "ok" });
    expect((await send(platform.url, "GET", "/health")).text).toBe("OK");
    expect((await send(platform.url, "GET", "/version")).text).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it("shows figures to administrators only", async () => {
    expect((await send(platform.url, "GET", "/metrics")).status).toBe(401);
    const reader = await platform.as("reader@ziggurat.example");
    expect((await reader.get("/metrics")).body.code).toBe("insufficient_scope");
    expect((await admin.get("/metrics")).text).toContain("ziggurat_http_request_duration_seconds_count");
  });

  it("explains every error code at the address that problems name as their type", async () => {
    const { body } = await admin.get("/api/v1/nothing");
    const page = await send(platform.url, "GET", body.type.split("#")[0]);
    expect(page.text).toContain(`id="${body.code}"`);
  });
});
