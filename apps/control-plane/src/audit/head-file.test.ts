import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { HeadFile, type SignedHead } from "./head-file.js";

const dataDir = mkdtempSync(join(tmpdir(), "ziggurat-heads-"));
const heads = new HeadFile({ dataDir });
const aHead = (sequence: number, institutionId = "ins_1"): SignedHead => ({ institutionId, sequence, digest: "a", at: "", signature: "s" });
afterEach(() => rmSync(join(dataDir, "audit-heads"), { recursive: true, force: true }));

it("keeps the further of two heads, whichever is told last, and each chain's apart", async () => {
  for (const sequence of [3, 7, 5]) await heads.remember(aHead(sequence));
  await heads.remember(aHead(1, "ins_2"));
  expect([(await heads.read("ins_1"))?.sequence, (await heads.read("ins_2"))?.sequence]).toEqual([7, 1]);
  expect(await heads.read("ins_3")).toBeNull();
});

it("is written whole by many at once, and leaves nothing else behind", async () => {
  const others = Array.from({ length: 8 }, () => new HeadFile({ dataDir }));
  await Promise.all(others.flatMap((one, n) => [one.remember(aHead(10 * n + 1)), one.remember(aHead(10 * n + 2))]));
  expect(await heads.read("ins_1")).toMatchObject({ signature: "s" });
  expect(readdirSync(join(dataDir, "audit-heads"))).toHaveLength(1);
});
