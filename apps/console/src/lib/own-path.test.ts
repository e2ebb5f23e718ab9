import { expect, it } from "vitest";
import { ownPath } from "./own-path.js";

it.each(["/", "/models?tier=finance", "/models/a/b/v/1?q=what?&tab=files#weights", "/search?q=%E4%B8%AD%E6%96%87"])("keeps %s", (path) => {
  expect(ownPath(path, "/home")).toBe(path);
});

it.each([
  undefined,
  "",
  "models",
  "//evil.example",
  "/\\evil.example",
  "/..//evil.example",
  "/./\\/evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
])("passes over %s", (path) => {
  expect(ownPath(path, "/home")).toBe("/home");
});
