import { type Job, type Model, type Page, paths } from "@ziggurat/contracts";
import type { Client } from "../harness.js";
import type { Clients } from "./fill.js";
import type { Person } from "./people.js";

/** What somebody was told at an address. */
export interface RecordedAnswer {
  readonly as: Person;
  readonly path: string;
  readonly status: number;
  /** Text where it was no JSON. */
  readonly body: unknown;
}

/** Everything that people of each institution see of what there is, asked as they would. @param until later audit entries are left out */
export async function readAnswers(clients: Clients, until: string): Promise<readonly RecordedAnswer[]> {
  const answers: RecordedAnswer[] = [];
  for (const person of ["engineer", "northAdmin", "northReviewer", "southAdmin"] as const) {
    const client = clients[person];
    for (const path of await addresses(client, until)) {
      const { status, body, text } = await client.get(path);
      answers.push({ as: person, path, status, body: body ?? text });
    }
  }
  return answers;
}

const LISTS = [
  paths.models(),
  paths.datasets(),
  paths.jobs(),
  paths.evaluations(),
  paths.recalls(),
  paths.notices(),
  paths.holds(),
  paths.institutions(),
].map((path) => `${path}?limit=200`);

const QUESTIONS = ["basalt", "催收", "cards", "ledger@2", "tag:cards", "rows of", "bank", "north"].map(
  (q) => `${paths.search()}?${new URLSearchParams({ q, limit: "100" })}`,
);

async function addresses(client: Client, until: string): Promise<readonly string[]> {
  const audit = new URLSearchParams({ "filter[to]": until, limit: "200" });
  const models = await listed<Model>(client, paths.models());
  const jobs = await listed<Job>(client, paths.jobs());
  const datasets = await listed<{ ref: string }>(client, paths.datasets());
  const recalls = await listed<{ id: string }>(client, paths.recalls());
  const own = models.filter(({ owner }) => owner === client.viewer.institutionSlug);
  const versions = (await Promise.all(own.map(({ ref }) => listed<{ ref: string; state: string }>(client, paths.versions(ref))))).flat();
  return [
    ...LISTS,
    paths.signingKey(),
    paths.auditKey(),
    ...QUESTIONS,
    `${paths.audit()}?${audit}`,
    paths.members(client.viewer.institutionSlug),
    ...own.flatMap(({ ref, aliases }) => [
      `${paths.versions(ref)}?limit=200`,
      paths.aliases(ref),
      paths.aliasProposalsOf(ref),
      ...Object.keys(aliases).flatMap((name) => [paths.aliasHistory(ref, name), paths.aliasProtection(ref, name)]),
    ]),
    ...versions.flatMap(({ ref, state }) => [
      paths.version(ref),
      paths.versionFiles(ref),
      ...(state === "draft"
        ? []
        : [paths.lineage(ref), paths.versionInspection(ref), paths.standing(ref), paths.lineageImpact(ref), paths.signature(ref)]),
    ]),
    ...datasets.flatMap(({ ref }) => [paths.datasetVersions(ref)]),
    ...jobs.flatMap(({ id }) => [paths.job(id), paths.jobMetrics(id)]),
    ...recalls.flatMap(({ id }) => [paths.recall(id), paths.recallVersions(id)]),
  ];
}

async function listed<T>(client: Client, path: string): Promise<readonly T[]> {
  const { body }: { body: Page<T> } = await client.get(`${path}?limit=200`);
  return body.data ?? [];
}
