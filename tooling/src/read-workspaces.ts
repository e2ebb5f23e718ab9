import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { type Reference, readImports } from "./read-imports.js";

/** One source file. */
export interface SourceFile {
  /** Below the workspace, with forward slashes. */
  readonly path: string;
  /** Tests and the configuration of tools: they may use what ships in no product. */
  readonly isTest: boolean;
  readonly references: readonly Reference[];
}

/** One workspace with its manifest and its imports. */
export interface Workspace {
  readonly folder: string;
  /** Name in the import table. */
  readonly rank: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  /** Doors: `.` and any subpath that its manifest exports. */
  readonly doors: readonly string[];
  readonly files: readonly SourceFile[];
  /** `types` and `lib` of its tsconfig. */
  readonly compiler: { readonly types: readonly string[]; readonly lib: readonly string[] };
}

const skipped = new Set(["node_modules", "dist", ".turbo", "fixtures"]);

/** Reads every workspace that the root manifest names. */
export function readWorkspaces(root: string): readonly Workspace[] {
  const { workspaces } = json(join(root, "package.json"));
  return strings(workspaces)
    .flatMap((pattern) => (pattern.endsWith("/*") ? subfolders(root, pattern.slice(0, -2)) : [pattern]))
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => readWorkspace(root, folder));
}

/** Names of the packages that the root manifest offers to all tests. */
export const rootTools = (root: string): readonly string[] => Object.keys(record(json(join(root, "package.json")).devDependencies));

function readWorkspace(root: string, folder: string): Workspace {
  const manifest = json(join(root, folder, "package.json"));
  return {
    folder,
    rank: basename(folder),
    name: String(manifest.name),
    dependencies: Object.keys({ ...record(manifest.dependencies), ...record(manifest.peerDependencies) }),
    devDependencies: Object.keys(record(manifest.devDependencies)),
    doors: Object.keys(record(manifest.exports)).map((door) => (door.startsWith(".") ? door : ".")),
    files: sourceFiles(join(root, folder)),
    compiler: compilerOf(root, folder),
  };
}

function sourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !path.split("/").some((part) => skipped.has(part)))
    .map((path) => ({ path, isTest: isTest(path), references: readImports(path, readFileSync(join(folder, path), "utf8")) }));
}

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path) || /(^|\/)tests?\//.test(path) || !path.includes("/");

function compilerOf(root: string, folder: string): Workspace["compiler"] {
  const base = existsSync(join(root, "tsconfig.base.json")) ? record(json(join(root, "tsconfig.base.json")).compilerOptions) : {};
  const path = join(root, folder, "tsconfig.json");
  const own = existsSync(path) ? record(json(path).compilerOptions) : {};
  return { types: strings(own.types ?? base.types), lib: strings(own.lib ?? base.lib) };
}

const subfolders = (root: string, parent: string): readonly string[] =>
  existsSync(join(root, parent)) ? readdirSync(join(root, parent)).map((name) => `${parent}/${name}`) : [];

const record = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === "object" && value !== null ? { ...value } : {});
const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const json = (path: string): Readonly<Record<string, unknown>> => record(JSON.parse(readFileSync(path, "utf8")));
