import { expect, it } from "vitest";
import { isTooDeep } from "./json-depth.js";

it("counts what lies in one another, not what lies beside, nor brackets in strings", () => {
  expect(isTooDeep("[".repeat(3), 2)).toBe(true);
  expect(isTooDeep('{"a":[{}]}', 2)).toBe(true);
  expect(isTooDeep('{"a":[{}]}', 3)).toBe(false);
  expect(isTooDeep("[[],[],[],[]]", 2)).toBe(false);
  expect(isTooDeep(JSON.stringify(['[[[\\"[[[', "{{{"]), 2)).toBe(false);
});
