import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "./i18n.js";
import { violationText } from "./problem-text.js";

afterEach(() => chooseLanguage("en"));

it("keeps the number of a broken line in every language", async () => {
  const violation = { code: "line_json", detail: "line 17: is not a JSON object", pointer: "/sha256" };
  expect(violationText(violation, "en")).toBe("line 17: is not a JSON object");
  await chooseLanguage("zh");
  expect(violationText(violation, "zh")).toMatch(/17.*JSON/);
});

it("falls back to the server's words for a code it does not know", async () => {
  await chooseLanguage("zh");
  expect(violationText({ code: "brand_new", detail: "a new rule" }, "zh")).toBe("a new rule");
});
