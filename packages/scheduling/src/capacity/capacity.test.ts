import { describe, expect, it } from "vitest";
import { aGpuCluster, aPool } from "../../test/builders.js";
import { checkFloors, floorUnits } from "./floors.js";
import { windowAt } from "./job-window.js";
import { checkReservation, type Reservation } from "./reservations.js";

const utc = (day: number, hour: number, minute = 0): number => Date.UTC(2026, 0, day, hour, minute);
/** 2026-01-05 is a Monday. */
const nights = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const, from: "20:00", until: "06:00", utcOffset: "+00:00" };

describe("a window", () => {
  it("is open over midnight, and says when it closes and opens", () => {
    const window = { ...nights, days: [...nights.days] };
    expect(windowAt(window, utc(5, 19, 59))).toEqual({ isOpen: false, until: utc(5, 20) });
    expect(windowAt(window, utc(5, 20))).toEqual({ isOpen: true, until: utc(6, 6) });
    expect(windowAt(window, utc(6, 5, 59))).toEqual({ isOpen: true, until: utc(6, 6) });
    expect(windowAt(window, utc(6, 6))).toEqual({ isOpen: false, until: utc(6, 20) });
  });

  it("follows the days and the offset that it states", () => {
    const weekend = { days: ["sat" as const, "sun" as const], from: "00:00", until: "00:00", utcOffset: "+08:00" };
    expect(windowAt(weekend, utc(9, 15, 59))).toEqual({ isOpen: false, until: utc(9, 16) });
    expect(windowAt(weekend, utc(9, 16))).toEqual({ isOpen: true, until: utc(11, 16) });
    expect(windowAt(weekend, utc(11, 16))).toMatchObject({ isOpen: false, until: utc(16, 16) });
    expect(windowAt({ ...weekend, days: ["mon"], utcOffset: "-05:30" }, utc(5, 5, 29)).isOpen).toBe(false);
    expect(windowAt({ ...weekend, days: ["mon"], utcOffset: "-05:30" }, utc(5, 5, 30)).isOpen).toBe(true);
  });

  it("is open for good where there is none, and where every day is whole", () => {
    expect(windowAt(null, 0)).toEqual({ isOpen: true, until: null });
    expect(windowAt({ ...nights, days: [...nights.days], from: "00:00", until: "00:00" }, utc(5, 12))).toEqual({
      isOpen: true,
      until: null,
    });
  });
});

describe("floors", () => {
  it("keep whole units, rounded down, of what can be taken", () => {
    const floor = { tier: "institution" as const, share: 0.3, cluster: null };
    expect(floorUnits(floor, "gpu", aPool(2, 8))).toBe(4);
    expect(floorUnits(floor, "gpu", aPool(2, 8, { unitsOut: 8 }))).toBe(2);
    expect(floorUnits({ ...floor, cluster: "other" }, "gpu", aPool(2, 8))).toBe(0);
  });

  it("are refused where they are more than there is, on any one cluster", () => {
    const half = (tier: "institution" | "finance", cluster: string | null) => ({ tier, share: 0.6, cluster });
    expect(checkFloors([half("institution", "a"), half("finance", "b")])).toEqual([]);
    expect(checkFloors([half("institution", null), half("finance", "b")])).toMatchObject([{ code: "floors_exceed", pointer: "/floors" }]);
  });
});

describe("a reservation", () => {
  const clusters = [aGpuCluster("gpu", [aPool(2, 8)])];
  const reserve = (units: number, from: number, until: number, more: Partial<Reservation> = {}): Reservation => ({
    ...{ id: "new", institution: "north", tier: null, cluster: "gpu", pool: "h100", units, from, until },
    ...more,
  });

  it("is refused where it overlaps others beyond what there is, floors taken off", () => {
    const existing = [reserve(6, 0, 10, { id: "a" }), reserve(6, 10, 20, { id: "b" })];
    expect(checkReservation(reserve(10, 5, 15), existing, clusters, [])).toEqual([]);
    expect(checkReservation(reserve(11, 5, 15), existing, clusters, [])).toMatchObject([
      { code: "reservation_overlap", detail: expect.stringContaining("10 left"), pointer: "/units" },
    ]);
    const floors = [{ tier: "institution" as const, share: 0.5, cluster: null }];
    expect(checkReservation(reserve(3, 5, 15), existing, clusters, floors)).toMatchObject([{ code: "reservation_overlap" }]);
    const both = [reserve(6, 0, 12, { id: "a" }), reserve(6, 10, 20, { id: "b" })];
    expect(checkReservation(reserve(5, 0, 20), both, clusters, [])).toMatchObject([{ detail: expect.stringContaining("4 left") }]);
  });

  it("names a pool that is there, and ends after it begins", () => {
    expect(checkReservation(reserve(1, 0, 1, { pool: "a100" }), [], clusters, [])).toMatchObject([{ code: "reservation_pool" }]);
    expect(checkReservation(reserve(1, 5, 5), [], clusters, [])).toMatchObject([{ code: "reservation_times", pointer: "/until" }]);
  });
});
