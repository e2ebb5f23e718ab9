import { Pyramid, TIERS } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";

useBrowser();

it("shows institution, finance and foundation from the top, each with the API's count", async () => {
  const page = await openAs("engineer", "/pyramid");
  const bands = page.getByRole("region");
  await bands.first().waitFor();
  const texts = await bands.allInnerTexts();
  const names = ["Institution task models", "Finance industry models", "Foundation models"];
  const shown = texts.filter((text) => names.some((name) => text.includes(name)));
  expect(shown.map((text) => names.find((name) => text.includes(name)))).toEqual(names);

  const pyramid = Pyramid.parse(await (await page.request.get(`${inject("url")}/api/v1/pyramid`)).json());
  for (const [index, tier] of [...TIERS].reverse().entries()) {
    const count = pyramid.tier.filter((value) => TIERS[value] === tier).length;
    expect(count).toBeGreaterThan(0);
    expect(shown[index]).toMatch(new RegExp(`\\b${count} versions?\\b`));
  }
});

it("keeps the selection in the address, and its panel leads to the explorer with the whole family", async () => {
  const { finance, foundation, task } = inject("seed");
  const page = await openAs("engineer", "/pyramid?view=table&tier=finance");
  await page
    .getByRole("row", { name: new RegExp(finance.split("@")[0] ?? "") })
    .getByRole("button")
    .first()
    .click();
  await page.waitForURL(/sel=/);
  await page.reload();
  await page.getByRole("link", { name: "Open in explorer" }).click();
  await page.waitForURL(/\/lineage\/finance\/ledger\/1/);
  for (const ref of [foundation, task])
    await page
      .getByText(ref.split("@")[0] ?? ref)
      .first()
      .waitFor();
});
