import { expect, it } from "vitest";
import * as format from "./format.js";

const en = { language: "en-GB", timeZone: "UTC" };
const zh = { language: "zh-CN", timeZone: "UTC" };

it("writes bytes in steps of a thousand", () => {
  expect([0, 999, 48_000_000, 1.5e12].map((bytes) => format.formatBytes(en, bytes))).toEqual(["0 bytes", "999 bytes", "48 MB", "1.5 TB"]);
});

it("writes a duration by its two largest units and never a negative one", () => {
  expect([-3, 0, 59, 3600, 7800, 90_061].map((seconds) => format.formatDuration(en, seconds))).toEqual([
    "0 secs",
    "0 secs",
    "59 secs",
    "1 hr",
    "2 hrs 10 mins",
    "1 day 1 hr",
  ]);
});

it("writes a range once where both ends read alike", () => {
  expect(format.formatDurationRange(en, 59.6, 60.2)).toBe("1 min");
  expect(format.formatDurationRange(en, 30, 90)).toBe("30 secs – 1 min 30 secs");
});

it("writes times in the reader's order, with seconds and on a 24 hour clock", () => {
  expect(format.formatTime(en, "2026-11-23T00:02:11Z")).toBe("23 Nov 2026, 00:02:11");
  expect(format.formatTime(zh, "2026-11-23T14:02:11Z")).toBe("2026/11/23 14:02:11");
});

it("shortens a digest so that both ends can be compared", () => {
  expect(format.shortDigest(`4be1${"0".repeat(56)}9c02`)).toBe("4be1…9c02");
});

it("counts ages from the moment it is told", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  expect(format.formatAge(en, "2026-11-23T11:57:00Z", now)).toBe("3 minutes ago");
});
