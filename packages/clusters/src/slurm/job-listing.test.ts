import { describe, expect, it } from "vitest";
import { JobListing } from "./job-listing.js";

/** A listing whose clock and answers a test moves. */
function aListing() {
  let now = 0;
  let calls = 0;
  let fail: Error | null = null;
  let gate: Promise<void> = Promise.resolve();
  const listing = new JobListing(
    async () => {
      calls += 1;
      await gate;
      if (fail !== null) throw fail;
      return [];
    },
    () => now,
  );
  return {
    listing,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    calls: () => calls,
    fail: (error: Error | null) => {
      fail = error;
    },
    hold: () => {
      let open = (): void => undefined;
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
  };
}

describe("the list of jobs", () => {
  it("is asked for once by all who ask within two seconds", async () => {
    const { listing, pass, calls } = aListing();
    await Promise.all(Array.from({ length: 50 }, () => listing.current()));
    pass(1900);
    await listing.current();
    expect(calls()).toBe(1);
    pass(200);
    await listing.current();
    expect(calls()).toBe(2);
  });

  it("is never older than the question where it must be fresh, and still shared", async () => {
    const { listing, calls, hold } = aListing();
    const open = hold();
    const early = listing.current();
    const fresh = [listing.fresh(), listing.fresh(), listing.fresh()];
    open();
    await Promise.all([early, ...fresh]);
    expect(calls()).toBe(2);
    await listing.current();
    expect(calls()).toBe(2);
  });

  it("leaves an engine that is away in peace, longer each time and for a minute at most", async () => {
    const { listing, pass, calls, fail } = aListing();
    fail(new Error("away"));
    await expect(listing.current()).rejects.toThrow("away");
    for (const _ of [1, 2, 3]) await expect(listing.current()).rejects.toThrow("away");
    expect(calls()).toBe(1);
    const pauses: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const before = calls();
      let waited = 0;
      while (calls() === before) {
        pass(100);
        waited += 100;
        await listing.current().catch(() => undefined);
      }
      pauses.push(waited);
    }
    expect(pauses[0]).toBeLessThanOrEqual(1300);
    expect(pauses[3]).toBeGreaterThan(4000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(75_100);
    // Whoever must know asks all the same, and what comes back is at once everybody's.
    fail(null);
    await listing.fresh();
    await expect(listing.current()).resolves.toEqual([]);
  });
});
