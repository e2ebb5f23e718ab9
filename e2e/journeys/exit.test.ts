import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureMember, ensureModel } from "@ziggurat/client";
import { Institution, paths } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { newPage, openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { people } from "../support/people.js";
import { signIn } from "../support/seed.js";

useBrowser();

it("an institution takes all that is its own along, verifies it elsewhere, and is gone once the platform agrees", async () => {
  const platform = await signIn(inject("url"), "admin");
  await platform.post(Institution, paths.institutions(), { slug: "leavingbank", name: "Leaving Bank" });
  await ensureMember(platform, "leavingbank", people.leavingAdmin, "Lea Leaving", ["institution_admin"]);
  const bank = await signIn(inject("url"), "leavingAdmin");
  await ensureModel(bank, { namespace: "leavingbank", slug: "letters", tier: "institution", name: "Letters", scenario: "marketing" });

  const page = await openAs("leavingAdmin", "/institutions/leavingbank", { expectStatus: [401] });
  await page.getByRole("tab", { name: "Exit" }).click();
  await page.getByRole("button", { name: "Begin the exit…" }).click();
  const starting = page.getByRole("dialog");
  await starting.getByText("the card of 1 model").waitFor();
  const begin = starting.getByRole("button", { name: "Begin the exit" });
  await starting.getByLabel(/^Reason/).fill("the contract ends");
  await starting.getByLabel("Type leavingbank to confirm").fill("leavingbnak");
  expect(await begin.isDisabled()).toBe(true);
  await starting.getByLabel("Type leavingbank to confirm").fill("leavingbank");
  await begin.click();
  await starting.waitFor({ state: "hidden" });
  await page.getByText("leaving, read only").waitFor();
  // Who asked has no second word.
  expect(await page.getByRole("button", { name: "Approve the erasure…" }).count()).toBe(0);
  const address = await page.getByText(/erasure-certificates/).innerText();

  await page.getByRole("button", { name: "Make an export" }).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click({ timeout: 60_000 });
  const taken = await (await downloading).path();
  const said = execFileSync("npm", ["run", "-s", "verify-export", "--", taken], {
    cwd: join(import.meta.dirname, "../.."),
    encoding: "utf8",
  });
  expect(said).toMatch(/all that is leavingbank's[\s\S]*VERIFIED/);

  const other = await openAs("admin", "/institutions/leavingbank/exit");
  expect(await other.getByRole("button", { name: "Download" }).count()).toBe(0);
  await other.getByRole("button", { name: "Approve the erasure…" }).click();
  const approving = other.getByRole("dialog");
  await approving.getByText("the contract ends").waitFor();
  await approving.getByLabel("Type leavingbank to confirm").fill("leavingbank");
  await approving.getByRole("button", { name: "Approve the erasure" }).click();
  await approving.waitFor({ state: "hidden" });
  await other.getByText("erased", { exact: true }).first().waitFor({ timeout: 60_000 });

  // Its people are out, in the page that is open too; the address they kept leads to the certificate.
  await page.getByRole("button", { name: "Sign in" }).waitFor({ timeout: 60_000 });
  const stranger = await newPage();
  const certificate = await (await stranger.request.get(address)).json();
  expect(JSON.parse(Buffer.from(certificate.payload, "base64").toString())).toMatchObject({ institution: "leavingbank" });
  await other.goto(`${inject("url")}/institutions/leavingbank`);
  await other.getByText("This institution was erased").waitFor();
});
