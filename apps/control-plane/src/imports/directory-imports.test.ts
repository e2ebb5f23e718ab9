import { execFileSync } from "node:child_process";
import { appendFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aCheckpoint, askImport, bytesOf, hasFiles, imports, versionsOf } from "../../test/import-fixtures.js";
import { aPyramid, register } from "../../test/registry-fixtures.js";
import { DirectorySource } from "./sources/directory-source.js";

let root: string;
let outside: string;
let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let made = 0;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "ziggurat-roots-"));
  outside = mkdtempSync(join(tmpdir(), "ziggurat-outside-"));
  writeFileSync(join(outside, "secret"), "not yours");
  platform = await startPlatform({ role: "all", env: { ZIGGURAT_IMPORT_ROOTS: `/nowhere:${root}` } });
  people = await aPyramid(platform);
});
afterAll(async () => {
  await platform?.close();
  for (const folder of [root, outside]) rmSync(folder, { recursive: true, force: true });
});

/** Lays files down below the root; answers the folder. */
function lay(files: Readonly<Record<string, Buffer>>, below = `folder-${++made}`): string {
  for (const [path, bytes] of Object.entries(files)) {
    const place = join(root, below, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, bytes);
  }
  return join(root, below);
}
const fromFolder = (path: string) => ({ kind: "directory", path }) as const;
async function aLine(): Promise<string> {
  return (await register(people.engineer, { tier: "foundation", slug: `folder-${++made}` })).body.ref;
}

describe("an import from a folder", () => {
  it("brings every file, through links that stay inside, without what tools keep for themselves", async () => {
    const files = aCheckpoint(30_000, "folder");
    const folder = lay(files);
    const blobs = lay({ abc: bytesOf(3000, 4) });
    symlinkSync(join(blobs, "abc"), join(folder, "linked.txt"));
    lay({ ".git/config": Buffer.from("x"), ".cache/huggingface/x.lock": Buffer.from("x") }, folder.slice(root.length + 1));
    const done = await imports(people.engineer, { model: await aLine(), source: fromFolder(folder) });
    expect([done.failure, done.revision?.slice(0, 7)]).toEqual([null, "sha256:"]);
    await hasFiles(people.engineer, done.version, { ...files, "linked.txt": bytesOf(3000, 4) });
  });

  it("has another revision once a file was touched", async () => {
    const folder = lay(aCheckpoint(10, "twice"));
    const source = new DirectorySource(root, folder);
    const [first, again] = [await source.resolve(), await source.resolve()];
    appendFileSync(join(folder, "README.md"), "more");
    expect(again.revision).toBe(first.revision);
    expect((await source.resolve()).revision).not.toBe(first.revision);
  });
});

describe("refused, with nothing made,", () => {
  const fails = async (folder: string, code: string, words: string) => {
    const model = await aLine();
    const failed = await imports(people.engineer, { model, source: fromFolder(folder) });
    expect([failed.state, failed.failure?.code, failed.version]).toEqual(["failed", code, null]);
    expect(failed.failure?.detail).toContain(words);
    expect(await versionsOf(platform, model)).toEqual([]);
  };

  it("is more than the quota of the institution has room for, before a byte is taken", async () => {
    const limits = {
      gpus: null,
      gpuHours: null,
      money: null,
      jobsQueued: null,
      storageBytes: { stop: 1, warnPercent: 80 },
      mayBorrow: false,
    };
    const insert =
      "insert into quotas (institution_id, revision, limits, set_by) select id, 1, $1, 'test' from institutions where slug = 'platform'";
    await asSystem(platform, insert, [JSON.stringify(limits)]);
    await fails(lay(aCheckpoint(10, "quota")), "rule", "bytes stored:").finally(() =>
      asSystem(platform, "update quotas set limits = jsonb_set(limits, '{storageBytes}', 'null')"),
    );
  });

  it("is a link that leaves the root: of a file, of a folder, of the folder itself", async () => {
    const one = lay(aCheckpoint(10, "escape"));
    symlinkSync(join(outside, "secret"), join(one, "notes.txt"));
    await fails(one, "refused", "notes.txt leads out of");
    const two = lay(aCheckpoint(10, "escape"));
    symlinkSync(outside, join(two, "more"));
    await fails(two, "refused", "more leads out of");
    symlinkSync(outside, join(root, "away"));
    await fails(join(root, "away"), "refused", "leads out of");
  });

  it("is a pipe, which would wait for ever", async () => {
    const folder = lay(aCheckpoint(10, "pipe"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await fails(folder, "refused", "pipe is neither a file nor a folder");
  });

  it("is a folder that contains itself", async () => {
    const folder = lay(aCheckpoint(10, "circle"));
    symlinkSync(folder, join(folder, "again"));
    await fails(folder, "refused", "leads back");
  });

  it("is a folder that is not there", async () => fails(join(root, "nothing"), "not_found", "there is no"));

  it("is a folder outside the roots, however it is written, at the request itself", async () => {
    for (const path of ["/etc", `${root}/../etc`, `${root}-not`, "/"]) {
      const answer = await askImport(people.engineer, { model: "foundation/base", source: fromFolder(path) });
      expect([path, answer.status, answer.body.errors[0]]).toMatchObject([path, 422, { code: "source_closed", pointer: "/source/path" }]);
      expect(answer.body.detail).toContain("ZIGGURAT_IMPORT_ROOTS");
    }
    expect((await askImport(people.engineer, { model: "foundation/base", source: fromFolder("relative") })).status).toBe(400);
  });

  it("is every folder where the operator opened none, and the answer says how to open one", async () => {
    const closed = await startPlatform();
    try {
      const engineer = await closed.addPerson("platform", "engineer@platform.example", "platform_engineer");
      await register(engineer, { tier: "foundation", slug: "base" });
      const answer = await askImport(engineer, { model: "foundation/base", source: fromFolder(root) });
      expect([answer.status, answer.body.detail]).toEqual([422, expect.stringContaining("ZIGGURAT_IMPORT_ROOTS")]);
    } finally {
      await closed.close();
    }
  });
});

describe("an institution", () => {
  it("reaches the folder with its name, and no other's nor the platform's", async () => {
    const files = aCheckpoint(10, "ours");
    const own = lay(files, "northbank/cards");
    const shared = lay(files, "shared");
    const ask = (path: string) => askImport(people.admin, { model: "northbank/cards", source: fromFolder(path) });
    for (const path of [shared, join(root, "southbank/cards"), root, `${own}/../../shared`]) expect((await ask(path)).status).toBe(422);
    symlinkSync(shared, join(root, "northbank", "sly"));
    const sly = await imports(people.admin, { model: "northbank/cards", source: fromFolder(join(root, "northbank", "sly")) });
    expect(sly.failure?.code).toBe("refused");
    const done = await imports(people.admin, { model: "northbank/cards", source: fromFolder(own) });
    await hasFiles(people.admin, done.version, files);
  });
});

describe("a file that changes while it is read", () => {
  const firstOf = async (folder: string) => {
    const source = new DirectorySource(root, folder);
    const { files } = await source.resolve();
    const [file] = files;
    if (file === undefined) throw new Error("no file");
    return { source, file };
  };
  const readAll = async (stream: AsyncIterable<unknown>) => {
    for await (const _ of stream);
  };

  it("is refused when it was written between listing and reading", async () => {
    const folder = lay({ a: bytesOf(100, 1) });
    const { source, file } = await firstOf(folder);
    writeFileSync(join(folder, "a"), bytesOf(100, 2));
    await expect(source.open(file, 0)).rejects.toMatchObject({ code: "changed" });
  });

  it("is refused when another took its place, or it is gone", async () => {
    const folder = lay({ a: bytesOf(100, 1) });
    const { source, file } = await firstOf(folder);
    writeFileSync(join(folder, "b"), bytesOf(100, 1));
    renameSync(join(folder, "b"), join(folder, "a"));
    await expect(source.open(file, 0)).rejects.toMatchObject({ code: "changed" });
    rmSync(join(folder, "a"));
    await expect(source.open(file, 0)).rejects.toMatchObject({ code: "changed" });
  });

  it("is refused when a link out of the root took its place", async () => {
    const folder = lay({ a: Buffer.from("not yours") });
    const { source, file } = await firstOf(folder);
    rmSync(join(folder, "a"));
    symlinkSync(join(outside, "secret"), join(folder, "a"));
    await expect(source.open(file, 0)).rejects.toMatchObject({ code: "refused" });
  });

  it("is refused when it is written, or cut, in the middle of reading", async () => {
    const folder = lay({ a: bytesOf(3_000_000, 1) });
    const { source, file } = await firstOf(folder);
    const { stream } = await source.open(file, 0);
    const reading = readAll(stream);
    appendFileSync(join(folder, "a"), "x");
    await expect(reading).rejects.toMatchObject({ code: "changed" });
  });

  it("is not refused when nothing but its reading happened", async () => {
    const folder = lay({ a: bytesOf(3_000_000, 1) });
    const { source, file } = await firstOf(folder);
    await expect(readAll((await source.open(file, 1_000_000)).stream)).resolves.toBeUndefined();
    linkSync(join(folder, "a"), join(folder, "another-name"));
    await expect(source.open(file, 0)).rejects.toMatchObject({ code: "changed" });
  });
});
