import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { rootDigest, rootDigestOrder } from "./root-digest.js";

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
const file = (path: string) => ({ path, sha256: sha256(path) });

it("is SHA-256 over the raw digests in order of path", () => {
  const files = [file("b.json"), file("a/model.safetensors")];
  const raw = Buffer.concat(["a/model.safetensors", "b.json"].map((path) => Buffer.from(sha256(path), "hex")));
  expect(rootDigest(files, sha256)).toBe(sha256(raw));
});

it("orders by code point, also above U+FFFF where UTF-16 order differs", () => {
  expect(rootDigestOrder([file("\u{1F600}"), file("\uFF5E"), file("a")]).map(({ path }) => path)).toEqual(["a", "\uFF5E", "\u{1F600}"]);
});

it("covers neither the signature nor version control, and is absent when nothing is left", () => {
  const covered = rootDigestOrder([file(".gitattributes"), file(".git/config"), file("model.sig"), file("sub/.gitignore")]);
  expect(covered.map(({ path }) => path)).toEqual(["sub/.gitignore"]);
  expect(rootDigest([file("model.sig")], sha256)).toBeNull();
});

it("does not depend on the order files arrived in, and changes with every byte", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, unit: "binary" }), { minLength: 1, maxLength: 8 }), (paths) => {
      const files = paths.map((path) => file(`f/${path}`));
      const digest = rootDigest(files, sha256);
      expect(rootDigest([...files].reverse(), sha256)).toBe(digest);
      const [first, ...rest] = files;
      expect(rootDigest([{ path: first?.path ?? "", sha256: sha256("altered") }, ...rest], sha256)).not.toBe(digest);
    }),
  );
});
