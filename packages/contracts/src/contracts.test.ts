import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  CreateJob,
  FAILURE_CLASSES,
  FAILURES,
  FilePath,
  failureOfExitCode,
  HYPERPARAMETERS,
  METHODS,
  METHODS_OF_KIND,
  PROBLEMS,
  parseVersionRef,
  RESERVED_SLUGS,
  RunSpec,
  Slug,
  TrainerEvent,
  TrainerSpec,
  VersionRef,
  versionRef,
} from "./index.js";

describe("failure classes", () => {
  it("have one exit code each", () => {
    const codes = FAILURE_CLASSES.map((name) => FAILURES[name].exitCode);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes).not.toContain(0);
  });
  it("are found again from their exit code", () => {
    for (const name of FAILURE_CLASSES) expect(failureOfExitCode(FAILURES[name].exitCode)).toBe(name);
  });
  it.each([
    [137, "out_of_memory"],
    [-9, "out_of_memory"],
    [143, "preempted"],
    [null, "lost"],
    [99, "code_error"],
  ] as const)("exit %s means %s", (exitCode, name) => {
    expect(failureOfExitCode(exitCode)).toBe(name);
  });
});

describe("names and paths", () => {
  it.each(["../x", "/x", "a//b", "a/./b", "a/..", "a\\b", "", "a\0b"])("refuse the path %j", (path) => {
    expect(FilePath.safeParse(path).success).toBe(false);
  });
  it("keep a reference through parse and print", () => {
    const { namespace, slug, number } = parseVersionRef(VersionRef.parse("northbank/aml@12"));
    expect(versionRef(namespace, slug, number)).toBe("northbank/aml@12");
  });
  it.each(["northbank/aml", "northbank/aml@0", "northbank/aml@01", "north bank/aml@1", "a/b/c@1"])("refuse the version %j", (ref) => {
    expect(VersionRef.safeParse(ref).success).toBe(false);
  });
  it("can spell every reserved slug but the short ones, so that reserving them is needed", () => {
    expect(RESERVED_SLUGS.filter((slug) => Slug.safeParse(slug).success)).toEqual([...RESERVED_SLUGS]);
  });
});

describe("requests", () => {
  it("refuse unknown fields", () => {
    expect(CreateJob.safeParse({ kind: "tune", model: "a1/b1", colour: "red" }).success).toBe(false);
  });
  it("have hyperparameters for every method, and a kind for every method", () => {
    expect(Object.keys(HYPERPARAMETERS)).toEqual([...METHODS]);
    expect(Object.values(METHODS_OF_KIND).flat().sort()).toEqual([...METHODS].sort());
  });
  it("name a status for every problem", () => {
    for (const { status } of Object.values(PROBLEMS)) expect(status).toBeGreaterThanOrEqual(400);
  });
});

describe("JSON Schema for Python", () => {
  it.each([
    ["TrainerSpec", TrainerSpec],
    ["TrainerEvent", TrainerEvent],
    ["RunSpec", RunSpec],
  ] as const)("can be written for %s", (_name, schema) => {
    expect(z.toJSONSchema(schema, { io: "input" })).toHaveProperty("$schema");
  });
});
