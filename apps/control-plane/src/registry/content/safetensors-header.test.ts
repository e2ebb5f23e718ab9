import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { headerLength, MAX_HEADER_BYTES, readHeader } from "./safetensors-header.js";
import { sniffExecutable } from "./sniff-executable.js";

const read = (header: unknown, dataBytes: number) => {
  const bytes = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  return readHeader(bytes, 8 + bytes.length + dataBytes);
};
const tensor = (dtype: string, shape: readonly number[], start: number, end: number) => ({ dtype, shape, data_offsets: [start, end] });
const problem = (header: unknown, dataBytes: number) => {
  const reading = read(header, dataBytes);
  return reading.ok ? null : reading.problem;
};

describe("a safetensors header", () => {
  it("is sound when its tensors fill the file exactly", () => {
    const header = {
      __metadata__: { format: "pt" },
      b: tensor("BF16", [3], 8, 14),
      a: tensor("F32", [2, 1], 0, 8),
      none: tensor("F32", [0], 14, 14),
    };
    expect(read(header, 14)).toEqual({ ok: true, facts: { parameters: 5, tensors: 3, dtypes: ["BF16", "F32"] } });
  });

  it.each([
    ["overlaps", { a: tensor("F32", [2], 0, 8), b: tensor("F32", [1], 4, 8) }, 8, "tensor b overlaps another"],
    ["leaves a gap", { a: tensor("F32", [1], 0, 4), b: tensor("F32", [1], 8, 12) }, 12, "there is a gap before tensor b"],
    ["reaches too far", { a: tensor("F32", [4], 0, 16) }, 8, "tensors reach beyond the end of the file"],
    ["leaves bytes over", { a: tensor("F32", [1], 0, 4) }, 5, "bytes are left over after the last tensor"],
    ["lies about its size", { a: tensor("F32", [3], 0, 8) }, 8, "tensor a: its size does not fit its shape and dtype"],
    ["has an unknown type", { a: tensor("Q99", [1], 0, 4) }, 4, "tensor a: unknown dtype Q99"],
    ["counts below zero", { a: tensor("F32", [-1], 0, 4) }, 4, "tensor a: shape is not a list of whole numbers"],
    ["is backwards", { a: tensor("F32", [1], 4, 0) }, 4, "tensor a: data_offsets are not a range"],
    ["is no object", "[]", 0, "the header is not a JSON object"],
    ["is no JSON", "{", 0, "the header is not a JSON object"],
    [
      "multiplies past what can be counted",
      { a: tensor("F32", [2 ** 40, 2 ** 40], 0, 4) },
      4,
      "tensor a: its size does not fit its shape and dtype",
    ],
  ])("is refused when it %s", (_, header, dataBytes, expected) => {
    expect(problem(header, dataBytes)).toBe(expected);
  });

  it("is never longer than its file or the limit", () => {
    const first = (length: bigint) => {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      return bytes;
    };
    expect(headerLength(first(10n), 18)).toBe(10);
    expect(headerLength(first(11n), 18)).toBe("the header is longer than the file");
    expect(headerLength(first(2n ** 63n), 1e9)).toContain("the header claims");
    expect(headerLength(first(BigInt(MAX_HEADER_BYTES)), Number.MAX_SAFE_INTEGER)).toBe(MAX_HEADER_BYTES);
    expect(headerLength(new Uint8Array(7), 7)).toBe("the file is shorter than a header");
  });

  it("is judged, never thrown over, whatever it holds", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(100), (json, size) => {
        expect(read(json, size)).toHaveProperty("ok");
      }),
    );
  });
});

it("sees what would run code by what it is, not by its name", () => {
  expect(sniffExecutable(Buffer.from([0x80, 0x02, 0x7d]))).toBe("a pickle");
  expect(sniffExecutable(Buffer.from("PK\u0003\u0004........model/data.pkl"))).toBe("an archive with a pickle inside");
  expect(sniffExecutable(Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a]))).toBe("an HDF5 file");
  expect(sniffExecutable(Buffer.from("PK\u0003\u0004........notes.txt"))).toBeNull();
  expect(sniffExecutable(new Uint8Array())).toBeNull();
  expect(sniffExecutable(Buffer.from('{"a":1}'))).toBeNull();
});
