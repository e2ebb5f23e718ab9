import { expect, it } from "vitest";
import { plainBoard } from "./progress.js";

it("outside a terminal writes one line for each quarter and one at the end, however often it is told", () => {
  const lines: string[] = [];
  const task = plainBoard((line) => lines.push(line)).task("pretrain");
  for (let percent = 0; percent <= 100; percent += 1) task.update(percent / 100, "1,000 tokens/s");
  task.done("finished");
  expect(lines.map((line) => line.replace(/\s+/g, " "))).toEqual([
    "pretrain 0% 1,000 tokens/s",
    "pretrain 25% 1,000 tokens/s",
    "pretrain 50% 1,000 tokens/s",
    "pretrain 75% 1,000 tokens/s",
    "pretrain 100% finished",
  ]);
});
