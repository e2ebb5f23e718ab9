import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkImports } from "./check-imports.js";
import { readWorkspaces, rootTools } from "./read-workspaces.js";

const root = join(import.meta.dirname, "..", "..");
const planted: string[] = [];
afterEach(() => {
  for (const folder of planted.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const check = (folder: string) => checkImports(readWorkspaces(folder), rootTools(folder));

interface Planted {
  readonly dependencies?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "1.0.0"]));

/** A small house that keeps every rule, with what a test changes in it. */
function aHouse(changes: Readonly<Record<string, Planted>>): string {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-house-"));
  planted.push(folder);
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  write("package.json", { workspaces: ["packages/*", "apps/*", "demo"], devDependencies: versions(["vitest"]) });
  write("tsconfig.base.json", { compilerOptions: { types: [], lib: ["ES2023"] } });
  const house: Readonly<Record<string, Planted>> = {
    "packages/contracts": { dependencies: ["zod"], files: { "src/index.ts": 'export { z } from "zod";' } },
    "packages/pyramid": { dependencies: ["@ziggurat/contracts"], files: { "src/index.ts": 'export * from "@ziggurat/contracts";' } },
    "packages/finance": { dependencies: ["@ziggurat/pyramid"], files: { "src/index.ts": 'export * from "@ziggurat/pyramid";' } },
    "apps/console": { dependencies: ["@ziggurat/contracts"], files: { "src/main.ts": 'import "@ziggurat/contracts";' } },
    ...changes,
  };
  for (const [path, { dependencies = [], files = {}, compilerOptions = {} }] of Object.entries(house)) {
    write(`${path}/package.json`, {
      name: `@ziggurat/${path.split("/").at(-1)}`,
      exports: { ".": "./src/index.ts" },
      dependencies: versions(dependencies),
    });
    write(`${path}/tsconfig.json`, { compilerOptions });
    for (const [file, text] of Object.entries(files)) write(`${path}/${file}`, text);
  }
  return folder;
}

it("keeps this repository to the import table", { timeout: 90_000 }, () => {
  const workspaces = readWorkspaces(root);
  expect(workspaces.length).toBeGreaterThan(8);
  expect(workspaces.flatMap(({ files }) => files).length).toBeGreaterThan(50);
  expect(check(root)).toEqual([]);
});

describe("a planted violation", () => {
  it("is absent from the house it is planted in", () => {
    expect(check(aHouse({}))).toEqual([]);
  });

  it("is found in a manifest: a tier that names another tier", () => {
    const found = check(
      aHouse({
        "packages/finance": { dependencies: ["@ziggurat/institution"], files: { "src/index.ts": 'import "@ziggurat/institution";' } },
        "packages/institution": {},
      }),
    );
    expect(found).toContainEqual(expect.stringMatching(/packages\/finance: its manifest names @ziggurat\/institution/));
    expect(found).toContainEqual(
      expect.stringMatching(/packages\/finance\/src\/index\.ts: imports @ziggurat\/institution, which it may not/),
    );
  });

  it.each([
    ["a statement", 'import { x } from "@ziggurat/finance";'],
    ["a type", 'import type { X } from "@ziggurat/finance";'],
    ["a re-export", 'export * from "@ziggurat/finance";'],
    ["a dynamic import", 'export const x = () => import("@ziggurat/finance");'],
    ["an import of a type in place", 'export type X = import("@ziggurat/finance").X;'],
  ])("is found in %s although the manifest is silent", (_, text) => {
    const found = check(aHouse({ "apps/console": { files: { "src/main.ts": text } } }));
    expect(found).toContainEqual(
      expect.stringMatching(/apps\/console\/src\/main\.ts: imports @ziggurat\/finance, which it may not import/),
    );
    expect(found).toContainEqual(expect.stringMatching(/which its manifest does not name/));
  });

  it("is found where the control plane is imported by the demo, which may see contracts only", () => {
    const found = check(
      aHouse({
        "apps/control-plane": {},
        demo: { dependencies: ["@ziggurat/control-plane"], files: { "src/main.ts": 'import "@ziggurat/control-plane";' } },
      }),
    );
    expect(found).toContainEqual(expect.stringMatching(/^demo: its manifest names @ziggurat\/control-plane/));
  });

  it("is found where someone imports past a door", () => {
    const found = check(
      aHouse({
        "apps/console": { dependencies: ["@ziggurat/contracts"], files: { "src/main.ts": 'import "@ziggurat/contracts/src/jobs.js";' } },
      }),
    );
    expect(found).toContainEqual(expect.stringMatching(/past the door of @ziggurat\/contracts/));
  });

  it("is found where a relative path leaves the package", () => {
    const found = check(aHouse({ "apps/console": { files: { "src/main.ts": 'import "../../../packages/contracts/src/index.js";' } } }));
    expect(found).toContainEqual(expect.stringMatching(/outside its own package/));
  });

  it("is found where packages go round in a circle", () => {
    const found = check(
      aHouse({ "packages/contracts": { dependencies: ["@ziggurat/pyramid"], files: { "src/index.ts": 'import "@ziggurat/pyramid";' } } }),
    );
    expect(found).toContainEqual(expect.stringMatching(/circle of packages: .*contracts → @ziggurat\/pyramid → @ziggurat\/contracts/));
  });

  it("is found where files need each other at run time, but not where only types go round", () => {
    const files = (back: string) => ({ "src/a.ts": 'import { b } from "./b.js"; export const a = b;', "src/b.ts": back });
    const value = check(aHouse({ "packages/pyramid": { files: files('import { a } from "./a.js"; export const b = () => a;') } }));
    expect(value).toContainEqual(expect.stringMatching(/packages\/pyramid: circle of files: src\/a → src\/b → src\/a/));
    const type = check(aHouse({ "packages/pyramid": { files: files('import type { a } from "./a.js"; export const b: typeof a = 1;') } }));
    expect(type.filter((finding) => finding.includes("circle of files"))).toEqual([]);
  });

  it.each([
    ["node:fs", 'import "node:fs";', /imports node:fs in a pure package/],
    ["an unprefixed builtin", 'import "fs";', /imports fs in a pure package/],
    ["process", "export const pid = process.pid;", /uses process in a pure package/],
    ["the clock", "export const now = Date.now();", /uses Date\.now in a pure package/],
    ["the clock in another spelling", "export const now = new Date();", /uses new Date\(\) in a pure package/],
    ["chance", "export const luck = Math.random();", /uses Math\.random in a pure package/],
  ])("is found where a pure package uses %s", (_, text, finding) => {
    expect(check(aHouse({ "packages/pyramid": { files: { "src/rule.ts": text } } }))).toContainEqual(expect.stringMatching(finding));
  });

  it("is not seen in a date made from an argument, a property called process, or a test that reads files", () => {
    const text = "export const year = (at: string, x: { process: number }) => new Date(at).getUTCFullYear() + x.process;";
    const files = {
      "src/index.ts": 'export * from "@ziggurat/contracts";',
      "src/rule.ts": text,
      "src/rule.test.ts": 'import "node:fs"; import "vitest";',
    };
    expect(check(aHouse({ "packages/pyramid": { dependencies: ["@ziggurat/contracts"], files } }))).toEqual([]);
  });

  it("is found where a pure package compiles with a machine's types", () => {
    expect(check(aHouse({ "packages/foundation": { compilerOptions: { types: ["node"] } } }))).toContainEqual(
      expect.stringMatching(/"types": \[\]/),
    );
  });

  it("is found where a manifest names what nobody imports, and where a folder is not in the table", () => {
    const found = check(aHouse({ "apps/console": { dependencies: ["left-pad"], files: { "src/main.ts": "" } }, "packages/utils": {} }));
    expect(found).toContainEqual(expect.stringMatching(/names left-pad, which it never imports/));
    expect(found).toContainEqual(expect.stringMatching(/packages\/utils: is not in the import table/));
  });
});
