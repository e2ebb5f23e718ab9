import { describe, it } from "vitest";
import { driverConformance } from "./conformance.js";
import { FakeDriver } from "./fake-driver.js";

describe("fake driver", () => {
  for (const { name, run } of driverConformance) {
    it(name, async () => {
      const driver = new FakeDriver();
      await run({
        driver,
        submission: () => ({ key: "zig-1-1", family: "zig-1", url: "http://127.0.0.1:1", token: "secret" }),
        reopened: () => driver,
        finish: async (ref, exitCode) => driver.end(ref.key, exitCode),
        lose: async (ref) => driver.end(ref.key, null, "lost"),
      });
    });
  }
});
