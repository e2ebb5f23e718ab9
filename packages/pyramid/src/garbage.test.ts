import { describe, expect, it } from "vitest";
import { aViewer } from "./builders.js";
import { checkCollection, garbageUntil, whyNotGarbage } from "./garbage.js";

const root = aViewer({ institution: "platform", roles: ["platform_admin"] });
const now = new Date("2026-05-02T12:00:00Z");
const facts = { until: new Date("2026-05-01T12:00:00Z"), now, graceHours: 24, open: null };
const codes = (...given: Parameters<typeof checkCollection>) => checkCollection(...given).map(({ code }) => code);

describe("collecting garbage", () => {
  it("is the platform's administrators' alone", () => {
    expect(whyNotGarbage(root)).toBeNull();
    for (const viewer of [
      aViewer({ institution: "platform", roles: ["platform_engineer", "auditor"] }),
      aViewer({ institution: "northbank", roles: ["institution_admin"] }),
      aViewer({ institution: "northbank", roles: ["platform_admin"] }),
    ]) {
      expect(codes(viewer, facts)).toEqual(["garbage_role"]);
    }
  });

  it("never reaches into the grace, not by a second", () => {
    expect(garbageUntil(now, 24)).toEqual(facts.until);
    expect(codes(root, facts)).toEqual([]);
    const [broken] = checkCollection(root, { ...facts, until: new Date(facts.until.getTime() + 1) });
    expect(broken).toMatchObject({ code: "garbage_until", pointer: "/until" });
    expect(broken?.detail).toContain("2026-05-01T12:00:00.000Z");
  });

  it("happens once at a time, and says everything that stands against it at once", () => {
    expect(codes(root, { ...facts, open: "gbc_1" })).toEqual(["garbage_open"]);
    expect(codes(aViewer(), { ...facts, until: now, open: "gbc_1" })).toEqual(["garbage_role", "garbage_until", "garbage_open"]);
  });
});
