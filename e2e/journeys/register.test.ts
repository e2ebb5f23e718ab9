import { createHash } from "node:crypto";
import { Version } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { tensors } from "../support/tensors.js";

useBrowser();

it("lets an engineer register a model, upload its files and seal the version", async () => {
  // Asking how much of a file has arrived is answered 404 while nothing has.
  const page = await openAs("engineer", "/models/new", { expectStatus: [404] });
  await page.getByLabel("Tier").selectOption({ label: "Foundation models" });
  await page.getByLabel("Short name").fill("basalt");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Basalt");
  await page.getByLabel("Licence").fill("Apache-2.0");
  await page.getByRole("button", { name: "Register a model" }).click();
  await page.waitForURL("**/models/foundation/basalt");

  await page.goto(`${inject("url")}/models/foundation/basalt/v/new`);
  const weights = tensors({ "layer.weight": [4, 4] });
  await page.locator('input[type="file"]').setInputFiles([
    { name: "model.safetensors", mimeType: "application/octet-stream", buffer: weights },
    { name: "config.json", mimeType: "application/json", buffer: Buffer.from('{"model_type":"qwen3"}') },
  ]);
  await page.getByRole("button", { name: "Register draft with 2 files" }).click();
  await page.waitForURL("**/models/foundation/basalt/v/1");
  await page.getByRole("button", { name: "Move on" }).click();
  await page.getByRole("menuitem", { name: /^Seal/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: /Seal/ }).click();
  await page.getByText("sealed", { exact: true }).first().waitFor();

  const version = Version.parse(await (await page.request.get(`${inject("url")}/api/v1/models/foundation/basalt/versions/1`)).json());
  expect(version).toMatchObject({ state: "sealed", fileCount: 2, parameters: 16 });
  expect(version.rootDigest).toBe(rootDigest([Buffer.from('{"model_type":"qwen3"}'), weights]));
});

it("shows every refused field of a duplicate model at once and keeps what was typed", async () => {
  const page = await openAs("engineer", "/models/new", { expectStatus: [409, 422] });
  await page.getByLabel("Tier").selectOption({ label: "Foundation models" });
  await page.getByLabel("Short name").fill("atlas");
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Atlas again");
  await page.getByRole("button", { name: "Register a model" }).click();
  await page.getByRole("alert").or(page.locator("[aria-invalid=true]")).first().waitFor();
  expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Atlas again");
});

it("registers many models from a sheet, leaving out the rows that were refused", async () => {
  const page = await openAs("engineer", "/models");
  await page.getByRole("link", { name: "Register many" }).click();
  const sheet = "tier,slug,name,licence\nfoundation,marble,Marble,MIT\nfoundation,atlas,Atlas again,MIT\nfinance,Bad Slug,Bad,\n";
  await page.locator('input[type="file"]').setInputFiles([{ name: "models.csv", mimeType: "text/csv", buffer: Buffer.from(sheet) }]);
  await page.getByText("2 of 3 rows are refused").waitFor();
  await page.getByText("foundation/atlas is registered already").waitFor();
  await page.getByText("/slug").first().waitFor();
  await page.getByRole("checkbox", { name: /Skip refused rows/ }).check();
  await page.getByRole("button", { name: "Register 1 row" }).click();
  await page.getByText("1 row registered, 2 refused.").waitFor();
  await page.getByRole("link", { name: "foundation/marble" }).click();
  await page.waitForURL("**/models/foundation/marble");
  await page.getByRole("heading", { name: "Marble" }).waitFor();
});

/** The model-signing root: SHA-256 over the raw digests in code-point order of the paths, here given in that order. */
function rootDigest(files: readonly Buffer[]): string {
  const digests = files.map((file) => createHash("sha256").update(file).digest());
  return createHash("sha256").update(Buffer.concat(digests)).digest("hex");
}
