import { describe, expect, it } from "vitest";
import { gpusOf } from "./gres.js";
import { expandHosts } from "./host-list.js";

describe("lists of nodes", () => {
  it.each([
    ["n1", "n1"],
    ["n[1-3]", "n1 n2 n3"],
    ["gpu[08-11,20],login1", "gpu08 gpu09 gpu10 gpu11 gpu20 login1"],
    ["r[1-2]c[01-02]", "r1c01 r1c02 r2c01 r2c02"],
    ["n[1-2]-ib", "n1-ib n2-ib"],
  ])("expand %s", (text, names) => {
    expect(expandHosts(text).join(" ")).toBe(names);
  });

  it("are empty where Slurm says so in any way", () => {
    for (const text of [null, "", "(null)"]) expect(expandHosts(text)).toEqual([]);
  });
});

describe("generic resources", () => {
  it.each([
    ["gpu:a100:4", [["a100", 4]]],
    ["gpu:a100:4(S:0-1)", [["a100", 4]]],
    [
      "gpu:a100:2(IDX:0,3),gpu:h100:1(IDX:4)",
      [
        ["a100", 2],
        ["h100", 1],
      ],
    ],
    ["gpu:2(IDX:0-1)", [["", 2]]],
    ["gpu:a100:0(IDX:N/A)", [["a100", 0]]],
    ["gres:gpu:a100:2", [["a100", 2]]],
    ["gres/gpu:a100:2,gres/shard:8", [["a100", 2]]],
    ["gres/gpu=2", [["", 2]]],
    ["gpu", [["", 1]]],
    ["gpu:a100", [["a100", 1]]],
    ["N/A", []],
    ["craynetwork:4", []],
  ] as const)("count the GPUs of %s", (text, counts) => {
    expect(gpusOf(text)).toEqual(counts.map(([type, count]) => ({ type, count })));
  });

  it("are none where nothing is said", () => {
    expect(gpusOf(null)).toEqual([]);
  });
});
