import { describe, expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import type { Person } from "../support/people.js";

useBrowser();

interface List {
  readonly path: string;
  readonly api: string;
  readonly person: Person;
  /** Address of the list with a filter that nothing matches. */
  readonly filtered: string | null;
}

const lists: readonly List[] = [
  { path: "/models", api: "**/api/v1/models?*", person: "engineer", filtered: "/models?q=nothing-is-called-this" },
  { path: "/jobs", api: "**/api/v1/jobs?*", person: "engineer", filtered: "/jobs?state=paused" },
  { path: "/datasets", api: "**/api/v1/datasets?*", person: "engineer", filtered: "/datasets?q=nothing-is-called-this" },
  { path: "/audit", api: "**/api/v1/audit?*", person: "admin", filtered: "/audit?action=nothing.is" },
  { path: "/institutions", api: "**/api/v1/institutions?*", person: "admin", filtered: null },
];

describe.each(lists)("the list at $path", ({ path, api, person, filtered }) => {
  it("shows loading, then an error with Retry, then its rows, without a reload", async () => {
    const page = await openAs(person, "/settings", { expectStatus: [503] });
    let answer: "wait" | "fail" | "go on" = "wait";
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(api, async (route) => {
      if (answer === "wait") await held;
      if (answer === "go on") return route.continue();
      return route.fulfill({ status: 503, contentType: "application/problem+json", body: problem("unavailable", 503) });
    });
    await page.goto(inject("url") + path);
    await page.getByRole("status", { name: "Loading" }).first().waitFor();
    answer = "fail";
    release();
    const alert = page.getByRole("alert").first();
    await alert.waitFor({ timeout: 30_000 });
    await alert.getByText("req_0123").waitFor();
    answer = "go on";
    await alert.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("row").nth(1).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });

  it("says in one sentence that it is empty", async () => {
    const page = await openAs(person, "/settings");
    await page.route(api, (route) => route.fulfill({ json: { data: [], nextCursor: null } }));
    await page.goto(inject("url") + path);
    await page
      .getByText(/^(No|Nothing) .*(yet|see)\.$/)
      .first()
      .waitFor();
  });

  if (filtered === null) return;
  it("says that nothing matches, and clears its filters", async () => {
    const page = await openAs(person, filtered);
    await page.getByText(/^(No|Nothing) .*match/).waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("row").nth(1).waitFor();
  });
});

it("shows a hidden object and a missing one alike: text, title and status", async () => {
  const page = await openAs("eastcapMember", "/settings", { expectStatus: [404] });
  const { task, taskJob } = inject("seed");
  const pairs = [
    [`/models/${task.split("@")[0]}`, "/models/nowhere/nothing"],
    [`/models/${task.split("@")[0]}/v/1`, "/models/nowhere/nothing/v/1"],
    [`/jobs/${taskJob}`, `/jobs/job_${"0".repeat(32)}`],
    ["/datasets/northbank/intents", "/datasets/nowhere/nothing"],
    [`/lineage/${task.split("@")[0]}/1`, "/lineage/nowhere/nothing/1"],
  ] as const;
  for (const [hidden, missing] of pairs) expect(await look(hidden)).toEqual(await look(missing));

  async function look(path: string) {
    const answers: number[] = [];
    const note = (response: { status(): number; url(): string }) => {
      if (response.status() === 404) answers.push(response.status());
    };
    page.on("response", note);
    await page.goto(inject("url") + path);
    await page.getByRole("heading", { name: "Not found, or not visible to you" }).waitFor();
    page.off("response", note);
    return { title: await page.title(), text: await page.getByRole("main").innerText(), status: answers.at(0) };
  }
});

const problem = (code: string, status: number) =>
  JSON.stringify({
    type: "about:blank",
    title: "Not available right now",
    status,
    detail: "Try later.",
    instance: "/",
    code,
    requestId: "req_0123",
    errors: [],
  });
