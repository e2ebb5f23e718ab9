import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { FAILURE_CLASSES, FAILURES } from "./index.js";

it("the contract page lists every failure class as the table says it", () => {
  const page = readFileSync(new URL("../../../docs/contract.md", import.meta.url), "utf8");
  for (const name of FAILURE_CLASSES) {
    const { exitCode, retry, remedy } = FAILURES[name];
    expect(page).toContain(`| \`${name}\` | ${exitCode} | ${retry ? "yes" : "no"} | ${remedy} |`);
  }
});
