import { expect, it } from "vitest";
import { Progress } from "./progress.js";

function at() {
  const clock = { now: 0 };
  return { clock, progress: new Progress(1, 100, () => clock.now) };
}

it("counts what lies here from earlier as done, and not as speed", () => {
  const { clock, progress } = at();
  progress.begins(2, 5000);
  clock.now = 1000;
  expect(progress.now()).toEqual({ filesDone: 1, bytesDone: 5100, bytesPerSecond: 0 });
  progress.receives(2, 3000);
  clock.now = 2000;
  expect(progress.now()).toEqual({ filesDone: 1, bytesDone: 8100, bytesPerSecond: 1500 });
  progress.finished(2, 8000);
  expect(progress.now()).toMatchObject({ filesDone: 2, bytesDone: 8100 });
});

it("gives back what a file had when it begins anew", () => {
  const { progress } = at();
  progress.begins(2, 0);
  progress.receives(2, 700);
  progress.begins(2, 0);
  expect(progress.now().bytesDone).toBe(100);
});

it("measures the last seconds: a transfer that stands still has no speed", () => {
  const { clock, progress } = at();
  progress.receives(2, 10_000);
  for (clock.now = 1000; clock.now <= 20_000; clock.now += 1000) progress.now();
  expect(progress.now().bytesPerSecond).toBe(0);
});
