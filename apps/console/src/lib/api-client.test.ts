import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ApiClient } from "./api-client.js";
import { ApiProblem } from "./api-problem.js";

interface Call {
  readonly url: URL;
  readonly init: RequestInit;
}

/** A client whose network answers from a list, and the calls it saw. */
function clientAnswering(...answers: readonly (Response | Error)[]) {
  const calls: Call[] = [];
  const client = new ApiClient((url, init) => {
    const answer = answers[calls.length] ?? new Error("no more answers");
    calls.push({ url, init });
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const header = (at: number, name: string) => new Headers(calls[at]?.init.headers).get(name);
  return { client, calls, header };
}
const Thing = z.strictObject({ name: z.string() });
const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init);
const problemAnswer = json(
  {
    type: "t",
    title: "Against the rules",
    status: 422,
    detail: "d",
    instance: "/",
    code: "rule",
    requestId: "req_1",
    errors: [{ code: "role", detail: "no", pointer: "/model" }],
  },
  { status: 422 },
);

describe("the client", () => {
  it("asks with the held ETag and answers a 304 from memory", async () => {
    const { client, header } = clientAnswering(json({ name: "atlas" }, { headers: { etag: '"1"' } }), new Response(null, { status: 304 }));
    await client.get("/things/1", Thing);
    expect(await client.get("/things/1", Thing)).toEqual({ name: "atlas" });
    expect([header(0, "if-none-match"), header(1, "if-none-match")]).toEqual([null, '"1"']);
  });

  it("forgets answers and token at sign-out", async () => {
    const { client, header } = clientAnswering(json({ name: "a" }, { headers: { etag: '"1"' } }), json({ name: "b" }), json({ name: "c" }));
    client.csrfToken = "secret";
    await client.get("/things/1", Thing);
    client.forget();
    await client.get("/things/1", Thing);
    await client.send("POST", "/things", {}, Thing);
    expect([header(1, "if-none-match"), header(2, "x-csrf-token")]).toEqual([null, null]);
  });

  it("sends the CSRF token with writes only, and a key with every POST", async () => {
    const { client, header } = clientAnswering(json({ name: "a" }), json({ name: "b" }), json({ name: "c" }));
    client.csrfToken = "token";
    await client.get("/things/1", Thing);
    await client.send("POST", "/things", { name: "b" }, Thing, { idempotencyKey: "once" });
    await client.send("PATCH", "/things/1", { name: "c" }, Thing);
    expect([0, 1, 2].map((at) => header(at, "x-csrf-token"))).toEqual([null, "token", "token"]);
    expect([1, 2].map((at) => header(at, "idempotency-key"))).toEqual(["once", null]);
  });

  it("throws a refusal with code, request id and every violation", async () => {
    const { client } = clientAnswering(problemAnswer);
    const refusal = await client.get("/things/1", Thing).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ApiProblem);
    expect(refusal).toMatchObject({ code: "rule", status: 422, requestId: "req_1", violations: [{ code: "role", pointer: "/model" }] });
  });

  it("turns a dead network and an answer that is no JSON into problems", async () => {
    const { client } = clientAnswering(new TypeError("fetch failed"), new Response("<html>", { headers: { "x-request-id": "req_9" } }));
    await expect(client.get("/things/1", Thing)).rejects.toMatchObject({ code: "unreachable" });
    await expect(client.get("/things/1", Thing)).rejects.toMatchObject({ code: "unexpected", requestId: "req_9" });
  });

  it("leaves out fields it does not know yet, at any depth, and refuses another shape", async () => {
    const Nested = z.strictObject({ items: z.array(Thing) });
    const { client } = clientAnswering(json({ items: [{ name: "a", colour: "red" }], page: 2 }), json({ items: [{ label: "a" }] }));
    expect(await client.get("/a", Nested)).toEqual({ items: [{ name: "a" }] });
    await expect(client.get("/b", Nested)).rejects.toMatchObject({ code: "unexpected" });
  });
});
