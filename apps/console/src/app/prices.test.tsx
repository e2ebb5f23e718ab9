import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type Me, Price, PricePreview, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const price = Price.parse({
  ...{ id: `prc_${"1".padStart(32, "0")}`, subject: "cluster:local", state: "in_force", amount: 1250, currency: "CNY" },
  ...{ validFrom: "2026-01-01T00:00:00.000Z", validTo: null, setBy: "Ada", reason: "list of 2026" },
});
const storage = Price.parse({ ...price, id: `prc_${"2".padStart(32, "0")}`, subject: "storage", amount: 20, state: "coming" });
const dialog = () => within(screen.getByRole("dialog"));

/** The page of prices as somebody sees it; answers what was asked, looked at and sent. */
function pricesPage(me: Partial<Me>, prices: readonly Price[] = [storage, price], refusal?: () => Response) {
  const [asked, looked, sent]: [string[], unknown[], unknown[]] = [[], [], []];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe(me))),
    http.get(paths.prices(), ({ request }) => {
      asked.push(decodeURIComponent(new URL(request.url).search));
      return page(prices);
    }),
    http.post(paths.pricePreview(), async ({ request }) => {
      const body = (await request.json()) as { readonly validFrom?: string };
      looked.push(body);
      if (refusal !== undefined) return refusal();
      const validFrom = body.validFrom ?? "2026-11-24T12:00:00.000Z";
      return HttpResponse.json(PricePreview.parse({ currency: "CNY", validFrom, before: price, until: null }));
    }),
    http.post(paths.prices(), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(price, { status: 201 });
    }),
  );
  return { asked, looked, sent, ...renderRoute("/prices") };
}

it("lets an institution read what use costs, in both languages, and change nothing", async () => {
  const { asked, address } = pricesPage({ roles: ["institution_member"], institution: { slug: "northbank", name: "Northbank" } });
  const table = within(await screen.findByRole("table", { name: "Prices" }));
  for (const text of ["Cluster local", "¥12.50 an hour on one place", "¥0.20 a GiB and month", "in force", "to come", "list of 2026"])
    expect(table.getAllByText(text).length, text).toBeGreaterThan(0);
  expect(screen.queryByRole("button", { name: "Set a price…" })).toBeNull();
  await userEvent.selectOptions(screen.getByLabelText("State"), "in force");
  await waitFor(() => expect(asked.at(-1)).toContain("filter[state]=in_force"));
  expect(address()).toBe("/prices?state=in_force");
  await chooseLanguage("zh");
  expect(await table.findByText("每名额每小时 ¥12.50")).toBeTruthy();
});

it("sets a price after what it takes the place of was shown, from the first moment of a day in UTC", async () => {
  const { looked, sent } = pricesPage({ roles: ["platform_admin"] });
  await userEvent.click(await screen.findByRole("button", { name: "Set a price…" }));
  const effect = within(await dialog().findByRole("region", { name: "What it changes" }));
  const set = dialog().getByRole("button", { name: "Set the price" });
  // Suggested is the first of the next month: it is then the first whole month at this price.
  effect.getByText(/is the first month at this price/);
  await userEvent.type(dialog().getByRole("textbox", { name: /^Price/ }), "0.25");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "list of 2027");
  effect.getByText("¥0.25 a GiB and month");
  const day = dialog().getByLabelText(/^From the day/);
  await userEvent.clear(day);
  await effect.findByText("at once");
  await effect.findByText(/then has both prices on it/);
  await userEvent.type(day, "2027-01-15");
  await effect.findByText(/^2027-01 then has both prices on it/);
  await waitFor(() => expect(set).toHaveProperty("disabled", false));
  await userEvent.click(set);
  const request = { subject: "storage", validFrom: "2027-01-15T00:00:00.000Z" };
  await waitFor(() => expect(sent).toEqual([{ ...request, amount: 25, reason: "list of 2027" }]));
  expect(looked).toContainEqual(request);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("says in the reader's language why a price cannot be set, before anybody tries", async () => {
  await chooseLanguage("zh");
  const { sent } = pricesPage({ roles: ["platform_admin"] }, [], () =>
    problem("rule", [{ code: "price_in_past", detail: "a price holds from now on at the earliest", pointer: "/validFrom" }]),
  );
  await userEvent.click(await screen.findByRole("button", { name: "设定价格…" }));
  expect((await dialog().findByRole("alert")).textContent).toContain("价格最早自现在起生效");
  expect(dialog().getByRole("button", { name: "设定价格" })).toHaveProperty("disabled", true);
  expect(sent).toEqual([]);
});
