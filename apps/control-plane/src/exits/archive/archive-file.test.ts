import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArchiveFile, WrongContent } from "./archive-file.js";
import { ExportLease, LeaseLost } from "./export-lease.js";
import { tarHeader } from "./tar-header.js";

const START = { archiveBytes: 0, listBytes: 0 };
let folder: string;
let at: { readonly archive: string; readonly list: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ziggurat-archive-"));
  at = { archive: join(folder, "one.tar"), list: join(folder, "one.list") };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
const pour = (archive: ArchiveFile, path: string, text: string, claimed = text) =>
  archive.pour(path, text.length, digestOf(claimed), Readable.from([Buffer.from(text)]));

async function unpacked(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const reader = extract();
  reader.end(readFileSync(at.archive));
  for await (const entry of reader) {
    found[entry.header.name] = "";
    for await (const chunk of entry) found[entry.header.name] += String(chunk);
  }
  return found;
}

describe("an archive", () => {
  it("is gone on with behind what is on disk for good, whatever was written there since", async () => {
    const first = await ArchiveFile.open(at, START);
    await first.add("a", Buffer.from("one"));
    const reached = await first.sync();
    await pour(first, "b", "x".repeat(5000));
    await first.close();
    const second = await ArchiveFile.open(at, reached);
    await pour(second, "c", "three");
    await second.end([{ path: "end", body: Buffer.from("!") }]);
    const { archiveBytes } = await second.sync();
    await second.close();
    expect(await unpacked()).toEqual({ a: "one", c: "three", end: "!" });
    expect(readFileSync(at.archive)).toHaveLength(archiveBytes);
    expect(readFileSync(at.list, "utf8").trim().split("\n")).toEqual(
      [["a", "one"] as const, ["c", "three"] as const].map(([path, text]) =>
        JSON.stringify({ path, sizeBytes: text.length, sha256: digestOf(text) }),
      ),
    );
  });

  it("has nothing of a file that is not what its digest says, however long that was", async () => {
    const archive = await ArchiveFile.open(at, START);
    await expect(pour(archive, "a", "y".repeat(50_000), "z")).rejects.toThrow(WrongContent);
    await pour(archive, "b", "two");
    await archive.end([]);
    const { archiveBytes } = await archive.sync();
    await archive.close();
    expect(await unpacked()).toEqual({ b: "two" });
    expect(readFileSync(at.archive)).toHaveLength(archiveBytes);
  });

  it("is not gone on with when some of it is gone: zeros would be signed in its place", async () => {
    const first = await ArchiveFile.open(at, START);
    await first.add("a", Buffer.from("one"));
    const reached = await first.sync();
    await first.close();
    truncateSync(at.archive, 100);
    await expect(ArchiveFile.open(at, reached)).rejects.toThrow("not all there");
  });

  it("says sizes beyond 8 GiB as GNU tar reads them", () => {
    const size = 123 * 1024 ** 3 + 7;
    const header = tarHeader("files/large", size);
    expect([header[124], Number(header.readBigUInt64BE(128))]).toEqual([0x80, size]);
    expect(tarHeader("files/small", 8 ** 11 - 1).toString("latin1", 124, 136)).toBe("77777777777\0");
  });
});

describe("a lease", () => {
  const slowly = async function* (steps: number, milliseconds: number): AsyncGenerator<number> {
    for (let n = 0; n < steps; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      yield n;
    }
  };

  it("is renewed while one long file is read, and not more often than it needs", async () => {
    let renewed = 0;
    const lease = new ExportLease("one", 0.15, async () => {
      renewed += 1;
      return true;
    });
    const seen: number[] = [];
    for await (const n of lease.while(slowly(30, 10))) seen.push(n);
    expect(seen).toHaveLength(30);
    expect(renewed).toBeGreaterThanOrEqual(2);
    expect(renewed).toBeLessThan(15);
  });

  it("ends the work once somebody else has it", async () => {
    const lease = new ExportLease("one", 0.03, async () => false);
    const seen: number[] = [];
    const reading = async () => {
      for await (const n of lease.while(slowly(1000, 5))) seen.push(n);
    };
    await expect(reading()).rejects.toThrow(LeaseLost);
    expect(seen.length).toBeLessThan(1000);
  });
});
