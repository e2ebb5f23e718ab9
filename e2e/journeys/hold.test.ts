import { createHash } from "node:crypto";
import { ensureMember, ensureModel, uploadBlob } from "@ziggurat/client";
import { paths, Version } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { people } from "../support/people.js";
import { versionPage } from "../support/routes.js";
import { signIn } from "../support/seed.js";
import { tensors } from "../support/tensors.js";

useBrowser();

it("keeps a recalled version from being purged until two people have lifted the hold", async () => {
  const admin = await signIn(inject("url"), "admin");
  await ensureMember(admin, "northbank", people.northbankReviewer, "Rita Reviewer", ["compliance_reviewer"]);
  const bank = await signIn(inject("url"), "northbankAdmin");
  await ensureModel(bank, { namespace: "northbank", slug: "to-hold", tier: "institution", name: "To hold", scenario: "risk" });
  const weights = tensors({ "layer.weight": [8, 8] });
  await uploadBlob(bank, weights, () => undefined);
  const { ref } = await bank.post(Version, paths.versions("northbank/to-hold"), {
    artifactKind: "full",
    parents: [{ version: inject("seed").finance, relation: "finetuned_from" }],
    files: [{ path: "model.safetensors", sha256: createHash("sha256").update(weights).digest("hex") }],
  });
  for (const to of ["sealed", "quarantined", "recalled"]) await bank.post(Version, paths.transitions(ref), { to, reason: "wrong data" });

  const page = await openAs("northbankAdmin", versionPage(ref));
  await page.getByRole("button", { name: "Hold…" }).click();
  const setting = page.getByRole("dialog");
  await setting.getByLabel(/^Reason/).fill("case 12");
  await setting.getByRole("button", { name: "Set hold" }).click();
  await page.getByText("on hold", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Purge…" }).click();
  await page.getByRole("dialog").getByRole("alert").getByText(/hold/).first().waitFor();
  expect(await page.getByRole("dialog").getByRole("button", { name: "Purge" }).count()).toBe(0);
  await page.keyboard.press("Escape");

  await page.getByRole("link", { name: "on hold" }).click();
  await page.getByRole("button", { name: `Ask to lift the hold on ${ref}` }).click();
  await page
    .getByRole("dialog")
    .getByLabel(/^Reason/)
    .fill("the case is closed");
  await page.getByRole("dialog").getByRole("button", { name: "Ask to lift" }).click();
  await page.getByText("lift asked for").waitFor();
  // Who asked has no second word.
  expect(await page.getByRole("button", { name: /^Confirm the lift/ }).count()).toBe(0);

  const second = await openAs("northbankReviewer", "/holds");
  await second.getByRole("button", { name: `Confirm the lift of the hold on ${ref}` }).click();
  await second.getByRole("dialog").getByRole("button", { name: "Confirm lift" }).click();
  await second.getByRole("cell", { name: "lifted", exact: true }).first().waitFor();
  expect((await bank.get(Version, paths.version(ref))).isHeld).toBe(false);

  await page.goto(inject("url") + versionPage(ref));
  await page.getByRole("button", { name: "Purge…" }).click();
  const purging = page.getByRole("dialog");
  await purging.getByText(/drops 1 file/).waitFor();
  await purging.getByLabel(/^Reason/).fill("nobody needs it");
  await purging.getByLabel(`Type ${ref} to confirm`).fill(ref);
  await purging.getByRole("button", { name: "Purge" }).click();
  // What was typed stands in the dialog; what is done, on the page behind it.
  await purging.waitFor({ state: "hidden" });
  await page.getByText("nobody needs it").waitFor();
  const { purged, rootDigest, fileCount } = await bank.get(Version, paths.version(ref));
  expect([purged?.reason, rootDigest?.length, fileCount]).toEqual(["nobody needs it", 64, 1]);
});
