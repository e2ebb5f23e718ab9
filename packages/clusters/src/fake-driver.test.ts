import { describe, it } from "vitest";
import { oneNode } from "../test/run-scene.js";
import { driverConformance } from "./conformance.js";
import { FakeDriver } from "./fake-driver.js";

describe("fake driver", () => {
  for (const { name, run } of driverConformance) {
    it(name, async () => {
      const driver = new FakeDriver();
      let made = 0;
      await run({
        driver,
        resources: oneNode,
        submission: () => {
          made += 1;
          const work = { kind: "run", url: "http://127.0.0.1:1", token: "secret" } as const;
          return { key: `zig-${made}-1`, family: `zig-${made}`, resources: oneNode, work };
        },
        reopened: () => driver,
        finish: async (ref, exitCode) => driver.end(ref.key, exitCode),
        lose: async (ref) => driver.end(ref.key, null, "lost"),
      });
    });
  }
});
