import { type Api, ensureModel } from "@ziggurat/client";
import { Notice, pageOf, paths, Version } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { versionPage } from "../support/routes.js";
import { sealed, signIn } from "../support/seed.js";

useBrowser();

it("recalls a version with all that stands on it, has institutions confirm, and lifts it again", async () => {
  const engineer = await signIn(inject("url"), "engineer");
  const bank = await signIn(inject("url"), "northbankAdmin");
  const { finance } = inject("seed");
  await ensureModel(bank, { namespace: "northbank", slug: "to-recall", tier: "institution", name: "To recall", scenario: "risk" });
  const task = await sealed(bank, "northbank/to-recall", finance);
  // A finance version of its own, so that nothing else of the seeded pyramid is touched.
  await ensureModel(engineer, { namespace: "finance", slug: "to-recall", tier: "finance", name: "To recall" });
  const version = await sealed(engineer, "finance/to-recall", inject("seed").foundation);
  expect(await stateOf(engineer, version)).toBe("sealed");

  const page = await openAs("engineer", versionPage(version));
  await page.getByRole("button", { name: "Move on" }).click();
  await page.getByRole("menuitem", { name: /^Recall/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`Recalling ${version} takes 1 version out of use.`).waitFor();
  const confirm = dialog.getByRole("button", { name: "Recall" });
  await dialog.getByLabel(`Type ${version} to confirm`).fill(version);
  // A reason is asked for: every institution reached will read it.
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByLabel(/^Reason/).fill("the source was unlawful");
  await confirm.click();
  await page.getByText("in force", { exact: true }).waitFor({ timeout: 15_000 });
  expect(await stateOf(engineer, version)).toBe("recalled");
  expect(await stateOf(bank, task)).toBe("sealed");

  // Whoever made the version does not bring it back into use.
  expect(await page.getByRole("button", { name: "Lift recall" }).count()).toBe(0);
  const second = await openAs("reviewer", new URL(page.url()).pathname);
  await second.getByRole("button", { name: "Lift recall" }).click();
  const lifting = second.getByRole("dialog");
  await lifting.getByLabel(/^Reason/).fill("it was lawful");
  await lifting.getByLabel(`Type ${version} to confirm`).fill(version);
  await lifting.getByRole("button", { name: "Lift recall" }).click();
  await second.getByText("lifted", { exact: true }).waitFor({ timeout: 15_000 });
  expect(await stateOf(engineer, version)).toBe("sealed");
});

it("refuses a recall whose graph changed behind the dialog, shows the new reach, and tells the institution once", async () => {
  const engineer = await signIn(inject("url"), "engineer");
  const bank = await signIn(inject("url"), "northbankAdmin");
  const { finance } = inject("seed");
  const page = await openAs("engineer", versionPage(finance), { expectStatus: [409] });
  await page.getByRole("button", { name: "Move on" }).click();
  await page.getByRole("menuitem", { name: /^Recall/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/^Recalling .* out of use\.$/).waitFor();
  const before = await dialog.getByText(/^Recalling/).innerText();
  await ensureModel(bank, { namespace: "northbank", slug: "in-between", tier: "institution", name: "In between", scenario: "risk" });
  await sealed(bank, "northbank/in-between", finance);
  await dialog.getByLabel(/^Reason/).fill("a faulty source");
  await dialog.getByLabel(`Type ${finance} to confirm`).fill(finance);
  await dialog.getByRole("button", { name: "Recall" }).click();
  await dialog.getByRole("alert").waitFor();
  await expect.poll(() => dialog.getByText(/^Recalling/).innerText()).not.toBe(before);
  expect(await stateOf(engineer, finance)).toBe("released");

  await dialog.getByRole("button", { name: "Recall" }).click();
  await page.getByText("in force", { exact: true }).waitFor({ timeout: 15_000 });
  expect(await stateOf(bank, inject("seed").task)).toBe("recalled");
  const inbox = await openAs("northbankAdmin", "/inbox");
  const notice = inbox.getByRole("row").filter({ has: inbox.getByRole("link", { name: new RegExp(`^${finance} was recalled`) }) });
  await notice.getByRole("button", { name: "Confirm" }).click();
  await notice.getByText(/^Nora Admin,/).waitFor();
  const { data } = await bank.get(pageOf(Notice), paths.notices());
  expect(data.filter(({ kind, subject }) => kind === "recall" && subject === finance)).toHaveLength(1);

  await page.reload();
  await page.getByText("Confirmed by 1 of 1 institutions").waitFor();
  // Whoever made the version does not bring it back into use.
  expect(await page.getByRole("button", { name: "Lift recall" }).count()).toBe(0);
  const second = await openAs("reviewer", new URL(page.url()).pathname);
  await second.getByRole("button", { name: "Lift recall" }).click();
  const lifting = second.getByRole("dialog");
  await lifting.getByLabel(/^Reason/).fill("the source was mended");
  await lifting.getByLabel(`Type ${finance} to confirm`).fill(finance);
  await lifting.getByRole("button", { name: "Lift recall" }).click();
  await second.getByText("lifted", { exact: true }).waitFor({ timeout: 15_000 });
  expect([await stateOf(engineer, finance), await stateOf(bank, inject("seed").task)]).toEqual(["released", "released"]);
});

async function stateOf(api: Api, ref: string): Promise<string> {
  return (await api.get(Version, paths.version(ref))).state;
}
