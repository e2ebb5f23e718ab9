import { CreateJob } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { changeDraft, emptyDraft, keepDraft, keptDraft, requestOf, stepOf } from "./draft.js";
import { fieldValue, hyperparameterFields } from "./hyperparameter-fields.js";

const draft = changeDraft(emptyDraft("northbank/aml", "key-1"), { parent: "finance/ledger@1", datasets: ["northbank/intents@1"] }, "key-2");
const violation = (pointer?: string) => ({ code: "x", detail: "", pointer });

describe("a draft", () => {
  it("sends only what was chosen, as the contract has it", () => {
    const written = changeDraft(
      draft,
      { hyperparameters: { lora: { learningRate: "1e-4", rank: "8", epochs: "", packing: false } } },
      "key-3",
    );
    const request = requestOf(written, fieldValue);
    expect(request.hyperparameters).toEqual({ learningRate: 1e-4, rank: 8, packing: false });
    expect(CreateJob.safeParse(request).success).toBe(true);
  });

  it("sends nested hyperparameters nested", () => {
    const written = changeDraft(
      draft,
      { kind: "pretrain", hyperparameters: { pretrain: { "architecture.layers": "2", vocabSize: "600" } } },
      "key-3",
    );
    expect(requestOf(written, fieldValue).hyperparameters).toEqual({ architecture: { layers: 2 }, vocabSize: 600 });
  });

  it("sends what is no number as it was typed, so that the server names the field", () => {
    expect(fieldValue("lora", "epochs", "three")).toBe("three");
  });

  it("is another request, with another key, after any change, and never holds a method its kind does not know", () => {
    expect([draft.idempotencyKey, changeDraft(draft, { kind: "merge" }, "key-9").method]).toEqual(["key-2", "merge"]);
  });

  it("outlives a reload of the tab, and is gone once it is sent", () => {
    keepDraft(sessionStorage, draft);
    expect(keptDraft(sessionStorage)).toEqual(draft);
    keepDraft(sessionStorage, null);
    expect(keptDraft(sessionStorage)).toBeNull();
    sessionStorage.setItem("ziggurat.new-job", '{"kind":"unknown"}');
    expect(keptDraft(sessionStorage)).toBeNull();
  });

  it("leads each violation to the step that shows its field", () => {
    expect(
      ["/model", "/parent", "/datasets/0", "/hyperparameters/learningRate", "/reason", undefined].map((pointer) =>
        stepOf(violation(pointer)),
      ),
    ).toEqual(["task", "base", "data", "method", "review", "plan"]);
  });
});

describe("the fields of a method", () => {
  it("are read off the contract with their ranges and defaults", () => {
    const fields = new Map(hyperparameterFields("lora").map((field) => [field.name, field]));
    expect(fields.get("rank")).toMatchObject({ kind: "integer", minimum: 1, maximum: 512, fallback: 16 });
    expect(fields.get("schedule")).toMatchObject({ kind: "choice", options: ["one_cycle", "cosine", "linear", "constant"] });
    expect(fields.get("packing")).toMatchObject({ kind: "boolean", fallback: true });
    expect(fields.get("targetModules")?.options).toContain("q_proj");
  });

  it("of a merge are none", () => {
    expect(hyperparameterFields("merge")).toEqual([]);
  });
});
