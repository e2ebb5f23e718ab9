import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Frontier } from "./frontier.js";
import { leafHash, nodeHash } from "./hashes.js";
import { MerkleTree } from "./merkle-tree.js";
import { isTreeHeadSignedBy, signTreeHead } from "./tree-head.js";

/** The leaves and roots that implementations of Certificate Transparency test each other with. */
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const hashes = LEAVES.map((leaf) => leafHash(Buffer.from(leaf, "hex")));
const hex = (proof: readonly Buffer[]) => proof.map((node) => node.toString("hex"));
const treeOf = (leaves: readonly Buffer[]) => new MerkleTree(Buffer.concat(leaves));
const grown = (leaves: readonly Buffer[]) => {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier;
};
const many = Array.from({ length: 70 }, (_, n) => leafHash(Buffer.from([n])));

describe("the tree of RFC 9162", () => {
  it("has the roots of the Certificate Transparency vectors, grown or whole", () => {
    for (const [size, root] of ROOTS.entries()) {
      expect(grown(hashes.slice(0, size)).root().toString("hex")).toBe(root);
      if (size > 0) expect(treeOf(hashes.slice(0, size)).root().toString("hex")).toBe(root);
    }
  });

  it("has their inclusion proofs", () => {
    expect(hex(treeOf(hashes).inclusionProof(0))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(hex(treeOf(hashes).inclusionProof(5))).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(hex(treeOf(hashes.slice(0, 3)).inclusionProof(1))).toEqual([
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      leafHash(Buffer.from("10", "hex")).toString("hex"),
    ]);
  });

  it("has their consistency proofs", () => {
    expect(hex(treeOf(hashes).consistencyProof(2))).toEqual([
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(hex(treeOf(hashes).consistencyProof(6))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(treeOf(hashes).consistencyProof(8)).toEqual([]);
  });

  it("proves every leaf of every size, up to the root", () => {
    for (let size = 1; size <= many.length; size += 1) {
      const tree = treeOf(many.slice(0, size));
      const root = grown(many.slice(0, size)).root();
      expect(tree.root().equals(root)).toBe(true);
      for (let index = 0; index < size; index += 1) {
        expect(rootFrom(many[index] ?? root, index, size, tree.inclusionProof(index)).equals(root)).toBe(true);
      }
    }
  });

  it("goes on growing from what was stored of it", () => {
    const before = grown(many.slice(0, 37));
    const after = new Frontier(before.size, before.subtrees());
    for (const leaf of many.slice(37)) after.append(leaf);
    expect(after.root().equals(grown(many).root())).toBe(true);
    expect(() => new Frontier(5, before.subtrees())).toThrow("whole subtrees");
  });
});

/** Written otherwise than the tree, so that both are wrong only together. */
function rootFrom(leaf: Buffer, index: number, size: number, proof: readonly Buffer[]): Buffer {
  let [at, last, root] = [index, size - 1, leaf];
  for (const node of proof) {
    if (at % 2 === 1 || at === last) {
      root = nodeHash(node, root);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, node);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return root;
}

describe("a signed tree head", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const head = { institutionId: "ins_1", size: 8, root: Buffer.from(ROOTS[8] ?? "", "hex") };
  const note = signTreeHead(head, privateKey, publicKey);

  it("is a note of origin, size and root", () => {
    expect(note.split("\n").slice(0, 4)).toEqual(["ziggurat/audit/ins_1", "8", head.root.toString("base64"), ""]);
    expect(note).toMatch(/\n\u2014 ziggurat\/audit\/ins_1 [A-Za-z0-9+/]+=*\n$/);
  });

  it("holds for this head and this key alone", () => {
    expect(isTreeHeadSignedBy(note, head, publicKey)).toBe(true);
    expect(isTreeHeadSignedBy(note, { ...head, size: 7 }, publicKey)).toBe(false);
    expect(isTreeHeadSignedBy(note, { ...head, institutionId: "ins_2" }, publicKey)).toBe(false);
    expect(isTreeHeadSignedBy(note.replace("\n8\n", "\n9\n"), { ...head, size: 9 }, publicKey)).toBe(false);
    expect(isTreeHeadSignedBy(note, head, generateKeyPairSync("ed25519").publicKey)).toBe(false);
    expect(isTreeHeadSignedBy(`${note}x`, head, publicKey)).toBe(false);
  });
});
