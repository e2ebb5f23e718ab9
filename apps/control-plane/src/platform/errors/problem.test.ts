import { readFileSync } from "node:fs";
import { BadRequestException } from "@nestjs/common";
import { PROBLEMS } from "@ziggurat/contracts";
import { QueryFailedError } from "typeorm";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { refusalOf } from "./problem-of.js";
import { Refusal, refuseIfAny } from "./refusal.js";
import { violationsOf } from "./violations-of.js";

const failed = (code: string) =>
  new QueryFailedError("select secret_column from users", [], Object.assign(new Error("detail of the server"), { code }));
const issuesOf = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues ?? [];

describe("what was thrown", () => {
  it("by the database becomes the caller's own fault where it is one, in our words", () => {
    const codes = ["ZG001", "ZG002", "ZG003", "23505", "23503", "40001", "40P01", "57P01", "ECONNREFUSED"].map(
      (code) => refusalOf(failed(code)).code,
    );
    expect(codes).toEqual(["conflict", "conflict", "rule", "conflict", "conflict", "conflict", "conflict", "unavailable", "unavailable"]);
  });

  it("by our own mistake says nothing of what happened inside", () => {
    for (const thrown of [
      failed("42703"),
      new TypeError("x is not a function"),
      "text",
      undefined,
      Object.assign(new Error("boom"), { statusCode: 500 }),
    ]) {
      const { code, detail } = refusalOf(thrown);
      expect(code).toBe("internal");
      expect(detail).not.toMatch(/secret_column|server|function|boom/);
    }
  });

  it("by the framework keeps its status", () => {
    expect(refusalOf(new BadRequestException("no")).code).toBe("invalid");
    expect(refusalOf(Object.assign(new Error("big"), { statusCode: 413 })).code).toBe("too_large");
  });

  it("as a refusal stays as it is", () => {
    const refusal = new Refusal("stale", "later");
    expect(refusalOf(refusal)).toBe(refusal);
    expect(() => refuseIfAny([])).not.toThrow();
    expect(() =>
      refuseIfAny([
        { code: "a", detail: "one" },
        { code: "b", detail: "two" },
      ]),
    ).toThrow("one; two");
  });
});

describe("what a schema refuses", () => {
  it("is named by JSON pointer with ~ and / escaped, every fault of it", () => {
    const schema = z.strictObject({ "a/b": z.number(), list: z.array(z.strictObject({ "c~d": z.string() })) });
    const found = violationsOf(issuesOf(schema, { "a/b": "x", list: [{ "c~d": 1 }, { e: 1 }], f: 1 }), "body");
    expect(found.map(({ pointer }) => pointer).sort()).toEqual(["/a~1b", "/f", "/list/0/c~0d", "/list/1/c~0d", "/list/1/e"]);
  });

  it("in a union is told by the branch that came nearest", () => {
    const schema = z.union([
      z.strictObject({ a: z.string(), b: z.string() }),
      z.strictObject({ c: z.number(), d: z.number(), e: z.number() }),
    ]);
    expect(violationsOf(issuesOf(schema, { a: "x", b: 1 }), "body")).toEqual([
      { code: "invalid_type", detail: "b: Invalid input: expected string, received number", pointer: "/b" },
    ]);
  });

  it("in a query is named by parameter", () => {
    expect(violationsOf(issuesOf(z.strictObject({ limit: z.coerce.number().max(2) }), { limit: "3", x: "1" }), "query")).toMatchObject([
      { code: "too_big", detail: expect.stringContaining("limit: ") },
      { code: "unknown_parameter", detail: "x: is not known here" },
    ]);
  });
});

it("has every code in the table that people read", () => {
  const table = readFileSync(new URL("../../../../../docs/api.md", import.meta.url), "utf8");
  expect(Object.keys(PROBLEMS).filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
});
