import type { Page, Response } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { asIntruder } from "../support/database.js";
import { inject } from "../support/here.js";
import { people } from "../support/people.js";
import { allRoutes } from "../support/routes.js";

useBrowser();

/**
 * Everything that tells of North Bank: its own name, which every name of its things begins with, those of its people, and each id and digest that stands in a row of its own. What counts would tell is
 * asked by the attack suite, which reads everything once with the neighbour and once without.
 */
let traces: readonly string[] = [];
beforeAll(async () => {
  traces = await tracesOf("northbank");
});

it("knows by which traces a neighbour would be recognised", async () => {
  expect(traces.length).toBeGreaterThan(40);
  expect(traces).toEqual(
    expect.arrayContaining(["northbank", "North Bank", people.northbankMember.email, "Ned Member", inject("seed").taskJob]),
  );
  const page = await openAs("northbankMember", "/jobs");
  expect(await tracesIn(page, ["/jobs", "/models"])).not.toEqual({});
});

describe.each(["eastcapMember", "eastcapAdmin"] as const)("acceptance 13: every page as %s", (person) => {
  it("holds no name, id or count of another institution, in text, title or any answer of the server", async () => {
    const page = await openAs(person, "/settings", { expectStatus: [403, 404] });
    const paths = [...new Set(allRoutes(inject("seed")).map(({ path }) => path))];
    expect(await tracesIn(page, paths)).toEqual({});
  });

  it("says of the neighbour's addresses what it says of addresses that nobody has", async () => {
    const page = await openAs(person, "/settings", { expectStatus: [403, 404] });
    const { taskJob } = inject("seed");
    const pairs = [
      ["/institutions/northbank", "/institutions/nowhere00"],
      ["/models/northbank/routing", "/models/nowhere00/nothing"],
      ["/models/northbank/routing/v/1", "/models/nowhere00/nothing/v/1"],
      ["/lineage/northbank/routing/1", "/lineage/nowhere00/nothing/1"],
      ["/datasets/northbank/intents", "/datasets/nowhere00/nothing"],
      [`/jobs/${taskJob}`, `/jobs/${taskJob.slice(0, -4)}${taskJob.endsWith("0000") ? "1111" : "0000"}`],
      ["/access-review?inst=northbank", "/access-review?inst=nowhere00"],
    ] as const;
    for (const [theirs, nobodys] of pairs) {
      const seen = [];
      for (const path of [theirs, nobodys]) {
        await page.goto(inject("url") + path);
        await settle(page);
        const text = await page.locator("main").innerText();
        seen.push(
          [await page.title(), text]
            .join("\n")
            .replace(/northbank|nowhere00/g, "SLUG")
            .replace(/routing|intents|nothing/g, "NAME")
            .replace(/job_\w+/g, "JOB")
            .replace(/req_\w+/g, "REQUEST"),
        );
      }
      expect(seen[0], theirs).toBe(seen[1]);
    }
  });
});

/** By path: traces found in the page's text and title and in what the server answered to it. */
async function tracesIn(page: Page, paths: readonly string[]): Promise<Record<string, readonly string[]>> {
  const found: Record<string, readonly string[]> = {};
  for (const path of paths) {
    const answers: Promise<string>[] = [];
    const listen = (response: Response) => {
      if (["document", "fetch", "xhr"].includes(response.request().resourceType())) answers.push(response.text().catch(() => ""));
    };
    page.on("response", listen);
    await page.goto(inject("url") + path);
    await settle(page);
    page.off("response", listen);
    // What the address itself names is no news, and is given back in refusals.
    const asked = decodeURIComponent(path);
    const seen = [await page.title(), await page.locator("body").innerText(), ...(await Promise.all(answers))].join("\n");
    const news = traces.filter((trace) => seen.includes(trace) && !asked.includes(trace));
    if (news.length > 0) found[path] = news;
  }
  return found;
}

async function tracesOf(slug: string): Promise<string[]> {
  const dataDir = inject("dataDir");
  const columns = await asIntruder<{ table_name: string; column_name: string }>(
    dataDir,
    `select table_name, column_name from information_schema.columns c join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and table_type = 'BASE TABLE' and (column_name in ('id', 'email', 'root_digest') or column_name = 'name' and table_name = 'users') and data_type in ('text', 'character varying')
        and exists (select from information_schema.columns o where o.table_schema = 'public' and o.table_name = c.table_name and o.column_name = 'institution_id')`,
  );
  const [institution] = await asIntruder<{ id: string; name: string }>(dataDir, "select id, name from institutions where slug = $1", [
    slug,
  ]);
  const values = await Promise.all(
    columns.map(({ table_name, column_name }) =>
      asIntruder<{ value: string }>(
        dataDir,
        `select distinct "${column_name}" as value from "${table_name}" where institution_id = $1 and length("${column_name}") >= 6
           and "${column_name}" not in (select "${column_name}" from "${table_name}" where institution_id <> $1 and "${column_name}" is not null)`,
        [institution?.id],
      ),
    ),
  );
  return [...new Set([slug, `${institution?.name}`, `${institution?.id}`, ...values.flat().map(({ value }) => value)])];
}
