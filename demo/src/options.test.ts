import { describe, expect, it } from "vitest";
import { parseOptions, UsageError } from "./options.js";

const needed = ["--url", "http://127.0.0.1:7410/", "--data-dir", "out"];

describe("demo options", () => {
  it("takes folders and files as seen from where the person typed", () => {
    const options = parseOptions([...needed, "--task-train", "a.jsonl", "--task-test", "/b.jsonl"], "/home/ann");
    expect(options.dataDir).toBe("/home/ann/out");
    expect(options.realTask).toEqual({ trainFile: "/home/ann/a.jsonl", testFile: "/b.jsonl" });
    expect(options.url).toBe("http://127.0.0.1:7410");
  });

  it("tunes fully unless told otherwise", () => {
    expect(parseOptions(needed, "/").taskMethod).toBe("full");
    expect(parseOptions([...needed, "--task-method", "lora"], "/").taskMethod).toBe("lora");
  });

  it.each([
    [["--data-dir", "x"], /--url/],
    [["--url", "http://h"], /--data-dir/],
    [[...needed, "--task-train", "a"], /belong together/],
    [[...needed, "--task-method", "dpo"], /lora or full/],
    [[...needed, "--seed", "x"], /--seed/],
    [[...needed, "--nonsense"], /--nonsense/],
  ])("refuses %j in words", (args, message) => {
    expect(() => parseOptions(args, "/")).toThrow(UsageError);
    expect(() => parseOptions(args, "/")).toThrow(message);
  });
});
