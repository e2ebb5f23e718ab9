import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { importTable, loadedByOthers, type Rank } from "./import-table.js";
import type { SourceFile, Workspace } from "./read-workspaces.js";

/** One broken rule: where, and what. */
export type Finding = string;

const nobody: Rank = { may: [], libraries: [], isPure: true, isTool: false };

/** Compares manifests and imports with the table. `tools` are the root's development packages, which every test may use. */
export function checkImports(workspaces: readonly Workspace[], tools: readonly string[]): readonly Finding[] {
  return [
    ...workspaces.flatMap((workspace) => [
      ...checkManifest(workspace, workspaces),
      ...workspace.files.flatMap((file) => checkFile(workspace, file, workspaces, tools)),
      ...checkUnused(workspace),
      ...checkPurity(workspace),
      ...fileCircles(workspace),
    ]),
    ...packageCircles(workspaces),
  ];
}

function checkManifest(workspace: Workspace, all: readonly Workspace[]): readonly Finding[] {
  const rank = importTable[workspace.rank];
  if (rank === undefined) return [`${workspace.folder}: is not in the import table`];
  return [...workspace.dependencies, ...workspace.devDependencies].flatMap((name) => {
    const target = all.find((entry) => entry.name === name);
    if (target !== undefined)
      return rank.may.includes(target.rank) ? [] : [`${workspace.folder}: its manifest names ${name}, which it may not import`];
    if (rank.libraries === "any" || rank.libraries.includes(name) || workspace.devDependencies.includes(name)) return [];
    return [`${workspace.folder}: its manifest names the library ${name}, which it may not import`];
  });
}

function checkFile(workspace: Workspace, file: SourceFile, all: readonly Workspace[], tools: readonly string[]): readonly Finding[] {
  const rank = importTable[workspace.rank] ?? nobody;
  const at = `${workspace.folder}/${file.path}`;
  return file.references.flatMap(({ kind, name }) => {
    if (kind === "global") return rank.isPure && !file.isTest ? [`${at}: uses ${name} in a pure package`] : [];
    if (name === null) return rank.isPure && !file.isTest ? [`${at}: imports something computed`] : [];
    if (name.startsWith("."))
      return leaves(file.path, name) && !isRootFile(workspace, file.path, name) ? [`${at}: imports ${name}, outside its own package`] : [];
    if (isBuiltin(name)) return rank.isPure && !file.isTest ? [`${at}: imports ${name} in a pure package`] : [];
    return checkPackage(workspace, rank, file, packageOf(name), name, all, tools).map((finding) => `${at}: ${finding}`);
  });
}

function checkPackage(
  workspace: Workspace,
  rank: Rank,
  file: SourceFile,
  packageName: string,
  specifier: string,
  all: readonly Workspace[],
  tools: readonly string[],
): readonly Finding[] {
  if (packageName === workspace.name) return [`imports its own door ${specifier}; inside a package files are imported directly`];
  const target = all.find((entry) => entry.name === packageName);
  const listed = [...workspace.dependencies, ...(file.isTest || rank.isTool ? [...workspace.devDependencies, ...tools] : [])].includes(
    packageName,
  );
  const findings = listed || isForTypes(workspace, packageName) ? [] : [`imports ${packageName}, which its manifest does not name`];
  if (target === undefined) return findings;
  const door = specifier === packageName ? "." : `.${specifier.slice(packageName.length)}`;
  return [
    ...findings,
    ...(rank.may.includes(target.rank) ? [] : [`imports ${packageName}, which it may not import`]),
    ...(target.doors.includes(door) ? [] : [`imports ${specifier}, past the door of ${packageName}`]),
  ];
}

/** A dependency nobody imports is a line that lies. */
function checkUnused(workspace: Workspace): readonly Finding[] {
  const used = new Set(
    workspace.files.flatMap(({ references }) =>
      references.flatMap(({ kind, name }) => (kind === "import" && name !== null ? [packageOf(name)] : [])),
    ),
  );
  return workspace.dependencies
    .filter((name) => !used.has(name) && !(loadedByOthers[workspace.rank] ?? []).includes(name))
    .map((name) => `${workspace.folder}: its manifest names ${name}, which it never imports`);
}

function checkPurity({ rank, folder, compiler }: Workspace): readonly Finding[] {
  if (!(importTable[rank] ?? nobody).isPure) return [];
  return [
    ...(compiler.types.length > 0 ? [`${folder}: a pure package compiles with "types": []`] : []),
    ...(compiler.lib.join() === "ES2023" ? [] : [`${folder}: a pure package compiles with "lib": ["ES2023"]`]),
  ];
}

function packageCircles(workspaces: readonly Workspace[]): readonly Finding[] {
  const edges = new Map(workspaces.map(({ name, dependencies, devDependencies }) => [name, [...dependencies, ...devDependencies]]));
  return circles(edges).map((circle) => `circle of packages: ${circle.join(" → ")}`);
}

/** Files that need each other at run time. Imports of types alone leave nothing behind and may go round. */
function fileCircles({ folder, files }: Workspace): readonly Finding[] {
  const byPath = new Map(files.map((file) => [file.path.replace(/\.m?[jt]sx?$/, ""), file]));
  const edges = new Map(
    [...byPath].map(([path, file]) => [
      path,
      file.references.flatMap(({ kind, name, isType }) => {
        if (kind !== "import" || isType || name === null || !name.startsWith(".")) return [];
        return [posix.join(posix.dirname(path), name).replace(/\.m?[jt]sx?$/, "")].filter((target) => byPath.has(target));
      }),
    ]),
  );
  return circles(edges).map((circle) => `${folder}: circle of files: ${circle.join(" → ")}`);
}

function circles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    if (path.includes(node)) {
      found.push([...path.slice(path.indexOf(node)), node]);
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) walk(node, []);
  return found;
}

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const leaves = (path: string, specifier: string): boolean => posix.join(posix.dirname(path), specifier).startsWith("..");
/** Configuration files share the root's presets. */
const isRootFile = ({ folder }: Workspace, path: string, specifier: string): boolean =>
  !path.includes("/") && !posix.join(folder, specifier).includes("/");
const isForTypes = ({ devDependencies }: Workspace, name: string): boolean =>
  devDependencies.includes(`@types/${name.replace("@", "").replace("/", "__")}`);
