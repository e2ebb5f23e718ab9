import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ROLES, SCOPES, SCOPES_OF_ROLE } from "./index.js";

const page = readFileSync(new URL("../../../docs/roles.md", import.meta.url), "utf8");

it("the page of roles has a column for every role, in the order of the vocabulary", () => {
  expect(page).toContain(`| scope | ${ROLES.map((role) => `\`${role}\``).join(" | ")} |`);
});

it.each(SCOPES)("the page of roles says of %s what the table says", (scope) => {
  const cells = ROLES.map((role) => (SCOPES_OF_ROLE[role].includes(scope) ? "yes" : ""));
  expect(page).toContain(`| \`${scope}\` | ${cells.join(" | ")} |`);
});
