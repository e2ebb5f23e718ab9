import { CreateModel } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { DIGEST } from "../../test/builders.js";
import { emptyModelForm, modelRequest } from "./model-form.js";
import { readPointedFiles } from "./pointed-files.js";

it("reads lines as sha256sum prints them, and names the lines that are none", () => {
  const text = `${DIGEST}  model.safetensors\n\n${DIGEST} *tokenizer/vocab file.json\nnot a digest\n${DIGEST} ../escape`;
  expect(readPointedFiles(text)).toEqual({
    files: [
      { path: "model.safetensors", sha256: DIGEST },
      { path: "tokenizer/vocab file.json", sha256: DIGEST },
    ],
    badLines: [4, 5],
  });
});

it("registers a shared model in its tier's namespace and a task model in its institution's, as the contract has it", () => {
  const form = { ...emptyModelForm("finance"), slug: " ledger ", name: "Ledger", licence: "MIT", languages: "en, zh" };
  const shared = modelRequest(form, "platform");
  expect(shared).toMatchObject({ namespace: "finance", slug: "ledger", licence: "MIT", card: { languages: ["en", "zh"] } });
  expect(shared.scenario).toBeUndefined();
  const task = modelRequest({ ...form, tier: "institution" }, "northbank");
  expect(task).toMatchObject({ namespace: "northbank", scenario: "customer_service" });
  expect(task.licence).toBeUndefined();
  expect([CreateModel.safeParse(shared).success, CreateModel.safeParse(task).success]).toEqual([true, true]);
});
