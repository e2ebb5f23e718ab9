import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aRawFile, aSource } from "./builders.js";
import { headerLength, MAX_HEADER_BYTES, readHeader, readTensors } from "./safetensors-header.js";

const look = (header: unknown, dataBytes: number) => {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  return readHeader(text, text.length, 8 + text.length + dataBytes);
};
const tensor = (dtype: string, shape: readonly number[], start: number, end: number) => ({ dtype, shape, data_offsets: [start, end] });
const problem = (header: unknown, dataBytes: number) => {
  const reading = look(header, dataBytes);
  return reading.ok ? null : reading.problem;
};
/** The first eight bytes of a file whose header claims this length. */
const claim = (length: bigint) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, length, true);
  return bytes;
};

describe("a safetensors header", () => {
  it("is sound when its tensors fill the file exactly, and says where each lies", () => {
    const header = {
      __metadata__: { format: "pt" },
      b: tensor("BF16", [3], 8, 14),
      a: tensor("F32", [2, 1], 0, 8),
      none: tensor("F32", [0], 14, 14),
    };
    const at = 8 + JSON.stringify(header).length;
    expect(look(header, 14)).toEqual({
      ok: true,
      value: [
        { name: "b", dtype: "BF16", shape: [3], count: 3, start: at + 8, bytes: 6 },
        { name: "a", dtype: "F32", shape: [2, 1], count: 2, start: at, bytes: 8 },
        { name: "none", dtype: "F32", shape: [0], count: 0, start: at + 14, bytes: 0 },
      ],
    });
  });

  it.each([
    ["overlaps", { a: tensor("F32", [2], 0, 8), b: tensor("F32", [1], 4, 8) }, 8, "tensor b overlaps another"],
    ["leaves a gap", { a: tensor("F32", [1], 0, 4), b: tensor("F32", [1], 8, 12) }, 12, "there is a gap before tensor b"],
    ["reaches too far", { a: tensor("F32", [4], 0, 16) }, 8, "tensors reach beyond the end of the file"],
    ["leaves bytes over", { a: tensor("F32", [1], 0, 4) }, 5, "bytes are left over after the last tensor"],
    ["lies about its size", { a: tensor("F32", [3], 0, 8) }, 8, "tensor a: its size does not fit its shape and dtype"],
    ["ends within a byte", { a: tensor("F4", [3], 0, 2) }, 2, "tensor a: its size does not fit its shape and dtype"],
    ["has an unknown type", { a: tensor("Q99", [1], 0, 4) }, 4, "tensor a: unknown dtype Q99"],
    ["has a type that only an object's ancestors know", { a: tensor("toString", [1], 0, 4) }, 4, "tensor a: unknown dtype toString"],
    ["counts below zero", { a: tensor("F32", [-1], 0, 4) }, 4, "tensor a: shape is not a list of whole numbers"],
    ["starts below zero", { a: tensor("F32", [1], -4, 0) }, 4, "tensor a: data_offsets are not whole numbers"],
    ["is backwards", { a: tensor("F32", [1], 4, 0) }, 4, "tensor a: data_offsets are not a range"],
    ["lies beyond what can be counted", { a: tensor("F32", [1], 2 ** 60, 2 ** 60 + 4) }, 4, "tensor a: data_offsets are not whole numbers"],
    ["is no object", "[]", 0, "the header is not a JSON object"],
    ["is no JSON", "{", 0, "the header is not a JSON object"],
    ["begins with something else", " {}", 0, "the header is not a JSON object"],
    ["keeps more than texts beside", { __metadata__: { a: 1 } }, 0, "__metadata__ is not a map of texts"],
    [
      "names a tensor twice",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":0}',
      1,
      "the header has the key a twice in one object",
    ],
    [
      "gives a tensor two places",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"data_offsets":[0,1]}}',
      1,
      "the header has the key data_offsets twice in one object",
    ],
    [
      "multiplies past what can be counted",
      { a: tensor("F32", [2 ** 40, 2 ** 40, 0], 0, 0) },
      0,
      "tensor a: its size does not fit its shape and dtype",
    ],
    ["has a name of pages", { ["n".repeat(600)]: tensor("U8", [1], 0, 1) }, 1, /its name has 600 characters/],
  ])("is refused when it %s", (_, header, dataBytes, expected) => {
    if (typeof expected === "string") expect(problem(header, dataBytes)).toBe(expected);
    else expect(problem(header, dataBytes)).toMatch(expected);
  });

  it("may say the same word in two places, and quote what looks like keys", () => {
    const header = '{"a\\"b{":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}';
    expect(problem(header, 2)).toBeNull();
  });

  it("is never longer than its file or the limit", () => {
    expect(headerLength(claim(10n), 18)).toBe(10);
    expect(headerLength(claim(11n), 18)).toBe("the header is longer than the file");
    expect(headerLength(claim(2n ** 60n), 1e9)).toContain("the header claims 1152921504606847000 bytes");
    expect(headerLength(claim(2n ** 63n), 1e9)).toContain("the header claims");
    expect(headerLength(claim(BigInt(MAX_HEADER_BYTES)), Number.MAX_SAFE_INTEGER)).toBe(MAX_HEADER_BYTES);
    expect(headerLength(new Uint8Array(7), 7)).toBe("the file is shorter than a header");
  });

  it("of a hundred megabytes is refused before it is read", async () => {
    const file = { path: "model.safetensors", sizeBytes: 200_000_000 };
    const reads: number[] = [];
    const source = {
      files: [file],
      read: async (_: string, start: number, length: number) => {
        reads.push(start + length);
        return claim(100_000_000n);
      },
      decode: () => null,
    };
    expect(await readTensors(source, file)).toMatchObject({ ok: false, problem: expect.stringContaining("claims 100000000 bytes") });
    expect(reads).toEqual([8]);
  });
});

describe("whatever a file holds", () => {
  const judged = async (bytes: Uint8Array) => {
    const source = aSource({ "m.safetensors": bytes });
    const reading = await readTensors(source, { path: "m.safetensors", sizeBytes: bytes.length });
    expect(reading).toHaveProperty("ok");
    expect(source.bytesRead()).toBeLessThanOrEqual(8 + MAX_HEADER_BYTES);
    return reading;
  };

  it("is judged, never thrown over: bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => void (await judged(bytes))),
      { numRuns: 500 },
    );
  });

  it("is judged, never thrown over: JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.uint8Array({ maxLength: 20 }), async (json, data) => void (await judged(aRawFile(json, data)))),
      { numRuns: 500 },
    );
  });

  it("is sound only when every tensor lies where it says, whatever is made of its parts", async () => {
    const value = fc.oneof(fc.nat(20), fc.integer(), fc.constantFrom(2 ** 53, -1, 1.5, 1e300), fc.json(), fc.constant(null));
    const entry = fc.record({
      dtype: fc.oneof(fc.constantFrom("U8", "F32", "F4", "BOOL"), value),
      shape: fc.oneof(fc.array(fc.nat(4), { maxLength: 3 }), value),
      data_offsets: fc.oneof(fc.tuple(fc.nat(12), fc.nat(12)), value),
    });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), entry), fc.uint8Array({ maxLength: 24 }), async (header, data) => {
        const reading = await judged(aRawFile(JSON.stringify(header), data));
        if (!reading.ok) return;
        const covered = reading.value.tensors.reduce((sum, { bytes }) => sum + bytes, 0);
        expect(covered).toBe(data.length);
      }),
      { numRuns: 1000 },
    );
  });

  it("costs no more than its length: brackets, quotes and backslashes by the hundred thousand", async () => {
    const started = performance.now();
    const n = 200_000;
    for (const header of [
      `{"a":${"[".repeat(n)}${"]".repeat(n)}}`,
      `{"${"\\\\".repeat(n)}":1}`,
      `{"a":"${'\\"'.repeat(n)}"}`,
      `{${Array.from({ length: n / 10 }, (_, i) => `"${i}":{}`).join(",")}}`,
    ])
      await judged(aRawFile(header));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
