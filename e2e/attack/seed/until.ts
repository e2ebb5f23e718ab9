import { setTimeout as pause } from "node:timers/promises";

/** Asks until it is so. */
export async function until(isDone: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error("the seed waited too long");
    await pause(100);
  }
}
