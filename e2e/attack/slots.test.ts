import { describe, expect, it } from "vitest";
import type { Holdings } from "./holdings.js";
import type { Operation, Schema } from "./open-api.js";
import { probesOf, type World } from "./probe.js";
import { draftOf, written } from "./request.js";
import { nameOf, slotsOf } from "./slots.js";

const slug: Schema = { type: "string", pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*$" };
const version: Schema = { type: "string", pattern: "^[a-z0-9]+(?:-[a-z0-9]+)*\\/[a-z0-9]+(?:-[a-z0-9]+)*@[1-9][0-9]{0,8}$" };
const job: Schema = { type: "string", pattern: "^job_[0-9a-f]{32}$" };
const route = (more: Partial<Operation> = {}): Operation => ({
  id: "route",
  method: "GET",
  path: "/api/v1/things",
  parameters: [],
  body: null,
  isPublic: false,
  ...more,
});
const id = (digit: string) => `job_${digit.repeat(32)}`;
const bank = (name: string, digit: string): Holdings => ({
  slug: name,
  values: { version: [`${name}/cards@1`], "id:job": [id(digit)], institution: [name] },
  lent: {},
});
const world: World = {
  own: bank("north", "1"),
  theirs: bank("south", "2"),
  isKnown: () => false,
  cursors: {},
  sharedCursors: {},
  etags: {},
  idempotencyKeys: ["key"],
  requestIds: [],
};

describe("the places of a route", () => {
  it("are its path, its query and every leaf of its body", () => {
    const operation = route({
      path: "/api/v1/models/{namespace}/{slug}/versions/{number}/jobs/{id}",
      parameters: [
        ...["namespace", "slug"].map((name) => ({ in: "path" as const, name, required: true, schema: slug })),
        { in: "path", name: "number", required: true, schema: { type: "integer" } },
        { in: "path", name: "id", required: true, schema: job },
        { in: "query", name: "cursor", required: false, schema: { type: "string" } },
      ],
      body: {
        type: "object",
        required: ["reason"],
        properties: {
          reason: { type: "string" },
          parents: { type: "array", items: { type: "object", required: ["version"], properties: { version } } },
          source: {
            oneOf: [
              { type: "object", properties: { job } },
              { type: "object", properties: { dataset: version } },
            ],
          },
        },
      },
    });
    expect(slotsOf(operation).map((slot) => [nameOf(slot), slot.kind])).toEqual([
      ["path {namespace}{slug}{number}", "version"],
      ["path {id}", "id:job"],
      ["query cursor", "cursor"],
      ["body /reason", "words"],
      ["body /parents/0/version", "version"],
      ["body /source/job", "id:job"],
      ["body /source/dataset", "datasetVersion"],
    ]);
    const parents = slotsOf(operation)[4];
    const towards = parents?.in === "body" ? parents.steps : [];
    expect(written(draftOf(operation, world.own, towards))).toMatchObject({
      path: `/api/v1/models/north/cards/versions/1/jobs/${id("1")}`,
      body: JSON.stringify({ reason: "a long enough text", parents: [{ version: "north/cards@1" }] }),
    });
  });

  it("that name something of no known kind stop the suite, so that a new route is not passed over", () => {
    const parameters = [{ in: "query" as const, name: "owner-of", required: false, schema: { type: "string" } }];
    expect(() => slotsOf(route({ parameters }))).toThrow(/nothing says what query owner-of/);
    const open: Schema = { type: "object", properties: { extra: { type: "object" } } };
    expect(() => slotsOf(route({ body: open }))).toThrow(/may hold anything at \/extra/);
  });
});

describe("the probes of a route", () => {
  const operation = route({
    method: "POST",
    path: "/api/v1/jobs/{id}/things",
    parameters: [{ in: "path", name: "id", required: true, schema: job }],
    body: { type: "object", properties: { version } },
  });

  it("change one place of one's own request to theirs and to what nobody has", () => {
    const probes = probesOf(operation, world);
    const own = probes.find(({ position }) => position === "body /version, absent name");
    expect([own?.theirs, own?.absent].map((request) => [request?.path, request?.body])).toEqual([
      [`/api/v1/jobs/${id("1")}/things`, '{"version":"south/cards@1"}'],
      [`/api/v1/jobs/${id("1")}/things`, '{"version":"south/dbset@1"}'],
    ]);
  });

  it("send theirs whole, with their headers, beside the same about nothing", () => {
    const probes = probesOf(operation, world);
    const whole = probes.find(({ position }) => position === "whole request");
    expect(whole?.theirs.path).toBe(`/api/v1/jobs/${id("2")}/things`);
    expect(whole?.absent.path).not.toBe(whole?.theirs.path);
    const key = probes.find(({ position }) => position === "header idempotency-key");
    expect([key?.theirs.headers["idempotency-key"], key?.absent.headers["idempotency-key"]]).toEqual(["key", "key"]);
  });
});
