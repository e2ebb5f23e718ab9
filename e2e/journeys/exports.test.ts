import { readFileSync } from "node:fs";
import { parseVersionRef } from "@ziggurat/contracts";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";

useBrowser();

const pathOf = (ref: string) => {
  const { namespace, slug, number } = parseVersionRef(ref);
  return `/models/${namespace}/${slug}/v/${number}`;
};

/** Chooses an item of the export menu and reads what the browser saved. */
async function save(page: Page, item: string): Promise<{ readonly name: string; readonly text: string }> {
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: item }).click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

it("saves a trained model's ancestry and its release's signature from the version page", async () => {
  const { task, finance, foundation } = inject("seed");
  const page = await openAs("northbankMember", pathOf(task));
  const bom = await save(page, "CycloneDX");
  expect(bom.name).toBe("northbank-routing-1.cdx.json");
  const { metadata } = JSON.parse(bom.text);
  const [base] = metadata.component.pedigree.ancestors;
  expect([base, base.pedigree.ancestors[0]].map(({ group, name, version }) => `${group}/${name}@${version}`)).toEqual([
    finance,
    foundation,
  ]);
  const provenance = await save(page, "in-toto");
  expect([provenance.name, provenance.text.trimEnd().split("\n").length]).toEqual(["northbank-routing-1.intoto.jsonl", 3]);
  const signature = await save(page, "Signature of the release");
  expect([signature.name, JSON.parse(signature.text).mediaType]).toEqual(["model.sig", "application/vnd.dev.sigstore.bundle.v0.3+json"]);
});
