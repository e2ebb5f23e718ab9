import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** Addresses from which a lockfile's packages would be fetched. */
const downloadAddresses = (text: string): readonly string[] =>
  text.match(/https?:\/\/[^\s"',#]+\.(?:tgz|whl|tar\.gz|zip)|--(?:extra-)?index-url\S*|"resolved": "https?:[^"]*"/g) ?? [];

it("serves any registry: no lockfile says where its packages are downloaded", () => {
  const lockfiles = [
    "package-lock.json",
    ...readdirSync(join(root, "trainer"))
      .filter((name) => name.endsWith(".lock"))
      .map((name) => `trainer/${name}`),
  ];
  expect(
    lockfiles.flatMap((file) => downloadAddresses(readFileSync(join(root, file), "utf8")).map((address) => `${file}: ${address}`)),
  ).toEqual([]);
});

it("keeps the hash of every package that npm installs from a registry", () => {
  const { packages }: { packages: Readonly<Record<string, { link?: boolean; integrity?: string; inBundle?: boolean }>> } = JSON.parse(
    readFileSync(join(root, "package-lock.json"), "utf8"),
  );
  const unhashed = Object.entries(packages).filter(
    ([path, entry]) => path.includes("node_modules/") && !entry.link && !entry.inBundle && !entry.integrity,
  );
  expect(unhashed.map(([path]) => path)).toEqual([]);
});

it("finds a planted address", () => {
  expect(downloadAddresses('"resolved": "https://registry.example/x/-/x-1.0.0.tgz"')).not.toEqual([]);
  expect(downloadAddresses("--extra-index-url https://mirror.example/simple")).not.toEqual([]);
});
