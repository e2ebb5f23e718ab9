import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey } from "./address-key.js";
import { headersOf, take } from "./bucket.js";

const NOON = Date.parse("2026-01-01T12:00:00Z");

describe("a quota", () => {
  it("may be used at once, is refused beyond, and comes back evenly", () => {
    let fullAt: number | null = null;
    const at = (now: number) => {
      const taken = take({ perMinute: 60 }, fullAt, now);
      fullAt = taken.fullAt;
      return taken;
    };
    for (let n = 59; n >= 0; n -= 1) expect(at(NOON)).toMatchObject({ isTaken: true, left: n });
    expect(at(NOON)).toMatchObject({ isTaken: false, left: 0, waitMs: 1000 });
    expect(at(NOON + 900).isTaken).toBe(false);
    expect(at(NOON + 1000)).toMatchObject({ isTaken: true, left: 0 });
    expect(at(NOON + 61_000)).toMatchObject({ isTaken: true, left: 59 });
  });

  it("never lets more through in any minute than twice what it says, nor more than it says at once", () => {
    const law = fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 400 }),
      (perMinute, gaps) => {
        let [fullAt, now] = [null as number | null, NOON];
        const passed: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const taken = take({ perMinute }, fullAt, now);
          fullAt = taken.fullAt;
          if (taken.isTaken) passed.push(now);
          else expect(taken.waitMs).toBeGreaterThan(0);
        }
        for (const [index, from] of passed.entries()) {
          const within = passed.slice(index).filter((time) => time - from < 60_000).length;
          expect(within).toBeLessThanOrEqual(2 * perMinute);
        }
        expect(passed.filter((time) => time === NOON).length).toBeLessThanOrEqual(perMinute);
      },
    );
    fc.assert(law, { numRuns: 50 });
  });

  it("is told in the form of the draft, alike for everyone who asks calmly, to the number when it runs short", () => {
    const first = take({ perMinute: 600 }, null, NOON);
    expect(headersOf({ perMinute: 600 }, first)).toEqual({
      "ratelimit-policy": '"default";q=600;w=60',
      ratelimit: '"default";r=594;t=1',
      "x-ratelimit-limit": "600",
      "x-ratelimit-remaining": "594",
      "x-ratelimit-reset": "1",
    });
    expect(headersOf({ perMinute: 600 }, take({ perMinute: 600 }, first.fullAt, NOON))).toEqual(headersOf({ perMinute: 600 }, first));
    const spent = { isTaken: true, left: 12, waitMs: 0, fullAt: NOON + 58_800 };
    expect(headersOf({ perMinute: 600 }, spent).ratelimit).toBe('"default";r=12;t=59');
    const refused = { isTaken: false, left: 0, waitMs: 1200, fullAt: NOON + 60_000 };
    expect(headersOf({ perMinute: 600 }, refused)).toMatchObject({ ratelimit: '"default";r=0;t=60', "retry-after": "2" });
  });
});

it("counts an IPv4 address once however it is written, and an IPv6 address with its neighbours", () => {
  expect(addressKey("::ffff:192.0.2.7")).toBe(addressKey("192.0.2.7"));
  expect(addressKey("2001:db8:1:2::1")).toBe(addressKey("2001:db8:1:2:ffff::9"));
  expect(addressKey("2001:db8:1:2::1")).not.toBe(addressKey("2001:db8:1:3::1"));
  expect(addressKey("192.0.2.7")).not.toBe(addressKey("192.0.2.8"));
});
