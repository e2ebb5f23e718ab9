import { IMPORT_ACTIONS, IMPORT_STATES } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { checkListing, isExcluded } from "./check-listing.js";
import { IMPORT_MOVES, OPEN_IMPORT_STATES, whyNotImport } from "./import-moves.js";

const limits = { maxFiles: 3, maxFileBytes: 100 };
const codes = (...paths: string[]) =>
  checkListing(
    paths.map((path) => ({ path, sizeBytes: 1 })),
    limits,
  ).map(({ code }) => code);

describe("a source's listing", () => {
  it("is fine with weights, configuration and folders", () => {
    expect(codes("model.safetensors", "config.json", "onnx/config.json")).toEqual([]);
  });

  it.each(["../../etc/passwd", "/etc/passwd", "a/../../b", "a\\b", "a//b", "a\0b"])(
    "is refused with the path %j, which escapes",
    (path) => {
      expect(codes("model.safetensors", path)).toContain("path_escapes");
    },
  );

  it("is refused with every fault at once: twice the same, a file that is a folder too, a format that runs code, too large", () => {
    expect(codes("a", "a")).toEqual(["duplicate_path"]);
    expect(codes("a", "a/b")).toEqual(["path_conflict"]);
    expect(codes("pytorch_model.bin", "x.PKL")).toEqual(["executable_serialisation", "executable_serialisation"]);
    expect(checkListing([{ path: "a", sizeBytes: 101 }], limits)).toMatchObject([{ code: "too_large" }]);
  });

  it("is refused when it is empty or longer than one version may be", () => {
    expect(codes()).toEqual(["files_required"]);
    expect(codes("a", "b", "c", "d")).toEqual(["too_many_files"]);
  });
});

describe("what stays behind", () => {
  it.each([
    ["pytorch_model.bin", "*.bin", true],
    ["onnx/model.onnx", "onnx/*", true],
    ["a/onnx/model.onnx", "onnx/*", false],
    ["model-00001.safetensors", "model-?????.safetensors", true],
    ["model-1.safetensors", "model-?????.safetensors", false],
    ["abc", "a*c", true],
    ["abcd", "a*c", false],
    ["a.b", "a?b", true],
    ["axb", "a.b", false],
    ["", "*", true],
  ])("%s by %s: %s", (path, pattern, expected) => {
    expect(isExcluded(path, [pattern])).toBe(expected);
  });

  it("is found in time by a pattern made to take for ever", () => {
    const began = performance.now();
    expect(isExcluded("a".repeat(512), [`${"*a".repeat(90)}b`])).toBe(false);
    expect(performance.now() - began).toBeLessThan(200);
  });
});

describe("an import's states", () => {
  it("are all reached, and end in done, failed or cancelled", () => {
    const reached = new Set(["resolving", ...Object.values(IMPORT_MOVES).flat()]);
    expect(IMPORT_STATES.filter((state) => !reached.has(state))).toEqual([]);
    expect(IMPORT_MOVES.done).toEqual([]);
  });

  it("say of each action where it is open; nothing is open when it is done", () => {
    expect(IMPORT_STATES.filter((state) => whyNotImport("cancel", state) === null)).toEqual(["resolving", "transferring", "failed"]);
    expect(IMPORT_STATES.filter((state) => whyNotImport("retry", state) === null)).toEqual(["failed", "cancelled"]);
    expect(IMPORT_ACTIONS.map((action) => whyNotImport(action, "done"))).not.toContain(null);
    expect(OPEN_IMPORT_STATES.every((state) => whyNotImport("cancel", state) === null)).toBe(true);
  });
});
