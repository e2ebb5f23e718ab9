import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { TrainerEvent, TrainerResult, TrainerSpec } from "./index.js";

const folder = new URL("../examples/", import.meta.url);
const schemas = { spec: TrainerSpec, event: TrainerEvent, result: TrainerResult } as const satisfies Record<string, z.ZodType>;

/** The same files are read by the trainer's and the runner's tests: both sides accept and refuse alike. */
describe.each(["spec", "event", "result"] as const)("example %ss", (kind) => {
  it.each(files(kind, "accept"))("accepts %s", (name) => {
    expect(schemas[kind].safeParse(read(kind, "accept", name)).error).toBeUndefined();
  });
  it.each(files(kind, "refuse"))("refuses %s", (name) => {
    expect(schemas[kind].safeParse(read(kind, "refuse", name)).success).toBe(false);
  });
});

function files(kind: string, verdict: string): string[] {
  const names = readdirSync(new URL(`${kind}/${verdict}/`, folder));
  if (names.length === 0) throw new Error(`no example of ${kind} to ${verdict}`);
  return names;
}

function read(kind: string, verdict: string, name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${kind}/${verdict}/${name}`, folder), "utf8"));
}
