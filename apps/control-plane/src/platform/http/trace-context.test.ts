import { request } from "node:http";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { traceContextOf } from "./trace-context.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const ours = /^00-4bf92f3577b34da6a3ce929d0e0e4736-([0-9a-f]{16})-01$/;

describe("a traceparent", () => {
  it.each([
    ["of version 00", `00-${TRACE}-${PARENT}-01`, true],
    ["that is not sampled", `00-${TRACE}-${PARENT}-00`, false],
    ["with flags that came later", `00-${TRACE}-${PARENT}-ff`, true],
    ["of a later version", `cc-${TRACE}-${PARENT}-01`, true],
    ["of a later version that says more", `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`, true],
  ])("%s is taken", (_, text, isSampled) => {
    expect(traceContextOf(text)).toEqual({ traceId: TRACE, spanId: expect.stringMatching(/^[0-9a-f]{16}$/), isSampled });
  });

  it.each([
    ["that is none", undefined],
    ["that is empty", ""],
    ["of the version that is forbidden", `ff-${TRACE}-${PARENT}-01`],
    ["of version 00 that says more", `00-${TRACE}-${PARENT}-01-more`],
    ["of a later version that runs on", `cc-${TRACE}-${PARENT}-01.more`],
    ["without a trace", `00-${"0".repeat(32)}-${PARENT}-01`],
    ["without a parent", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["in capitals", `00-${TRACE.toUpperCase()}-${PARENT}-01`],
    ["that is short", `00-${TRACE.slice(1)}-${PARENT}-01`],
    ["given twice", `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`],
  ])("%s is passed over", (_, text) => {
    expect(traceContextOf(text)).toBeNull();
  });
});

describe("an answer", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform?.close());
  const trace = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: "vendor=opaque" };

  it("carries the caller's trace with our own part of it, and a request id, whatever it answers and whichever protocol is spoken", async () => {
    const { admin, url } = platform;
    const answers = [
      await admin.get(paths.me(), trace),
      await admin.get("/api/v1/nothing", trace),
      await send(url, "GET", paths.me(), undefined, trace),
      await admin.post(paths.institutions(), { slug: "Bad Slug" }, trace),
      await send(url, "GET", "/healthz", undefined, trace),
      await send(url, "GET", "/hf/api/models/none/none", undefined, trace),
      await send(url, "GET", "/", undefined, trace),
    ];
    const spans = answers.map(({ headers }) => ours.exec(headers.get("traceresponse") ?? "")?.[1]);
    expect(new Set(spans).size).toBe(answers.length);
    expect(spans).not.toContain(undefined);
    expect(spans).not.toContain(PARENT);
    for (const { headers } of answers) expect([headers.get("x-request-id"), headers.get("tracestate")]).toEqual([expect.any(String), null]);
  });

  it("to a request that no route can be looked up for carries it too", async () => {
    const { hostname, port } = new URL(platform.url);
    const found = await new Promise<unknown>((resolve, reject) => {
      request({ hostname, port, path: "/%ff%fe", headers: trace }, (response) => {
        response.resume().once("end", () => resolve(response.headers.traceresponse));
      })
        .once("error", reject)
        .end();
    });
    expect(found).toMatch(ours);
  });

  it("says nothing of a trace where none was named, or none that can be taken", async () => {
    const { admin } = platform;
    const asks: readonly Readonly<Record<string, string>>[] = [
      {},
      { traceparent: "zig_not_a_trace" },
      { traceparent: `00-${TRACE}-${PARENT}-01-x` },
    ];
    for (const headers of asks) {
      const answer = await admin.get(paths.me(), headers);
      expect([answer.status, answer.headers.get("traceresponse")]).toEqual([200, null]);
    }
  });
});
