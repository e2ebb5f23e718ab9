import { type CreateJobInput, type Job, paths, type RecallPreview } from "@ziggurat/contracts";
import type { Answer, Client } from "../harness.js";
import { pretraining, reaches, request, until } from "../jobs-bench.js";
import { draft, move, register, sealed, upload } from "../registry-fixtures.js";
import { makeToken, type Person, people, signIn, withToken } from "./people.js";

export type Clients = Readonly<Record<Person, Client>>;
export type Tokens = Readonly<Record<Person, string>>;

interface Filled {
  readonly clients: Clients;
  readonly tokens: Tokens;
  /** A token that opens nothing any more. */
  readonly revoked: string;
}

/** Fills an empty platform as its users would, by its public API alone: people, models of all tiers, data, jobs and what happened to them. */
export async function fill(url: string): Promise<Filled> {
  const { clients, tokens } = await everybody(url);
  const { admin, engineer, northAdmin, northMember, southAdmin, southMember } = clients;
  await namedModels(clients);
  const data = await datasets(clients);

  await trained(engineer, pretraining("foundation/base", data.general, { evaluateOn: data.shared }));
  await release(engineer, admin, "foundation/base@1");
  const continued = (parent: string): CreateJobInput => ({
    kind: "pretrain",
    method: "continued",
    model: "finance/ledger",
    parent,
    datasets: [data.news],
    evaluateOn: data.shared,
  });
  await trained(engineer, continued("foundation/base@1"));
  await release(engineer, admin, "finance/ledger@1");
  await trained(engineer, continued("finance/ledger@1"));
  await point(engineer, "finance/ledger", "stable", 1);
  await release(engineer, admin, "finance/ledger@2");

  const tuned = (model: string, parent: string, rows: string, evaluateOn: string[], method: "lora" | "full"): CreateJobInput => ({
    kind: "tune",
    method,
    model,
    parent,
    datasets: [rows],
    evaluateOn,
  });
  const cards = tuned("northbank/cards", "finance/ledger@1", data.northDialogues, [data.northHeld], "lora");
  await trained(northMember, cards, northAdmin);
  await release(northMember, northAdmin, "northbank/cards@1");
  await trained(northMember, { kind: "merge", model: "northbank/cards", parent: "northbank/cards@1" });
  await trained(northMember, { ...cards, parent: "finance/ledger@2" }, northAdmin);
  await release(northMember, northAdmin, "northbank/cards@3");
  await trained(southMember, tuned("southbank/collections", "finance/ledger@1", data.southDialogues, [data.southHeld], "full"), southAdmin);
  await release(southMember, southAdmin, "southbank/collections@1");

  await takenIn(clients);
  await withdrawn(clients);
  await otherJobs(clients, data.failing, { ...cards, parent: "finance/ledger@2" });
  await governed(clients, data.northDialogues);
  return { clients, tokens, revoked: await aRevokedToken(northMember) };
}

async function everybody(url: string): Promise<{ readonly clients: Clients; readonly tokens: Tokens }> {
  const tokens: Partial<Record<Person, string>> = {};
  const clients: Partial<Record<Person, Client>> = {};
  const enter = async (person: Person): Promise<Client> => {
    const { secret } = await makeToken(url, await signIn(url, person));
    const client = await withToken(url, secret);
    tokens[person] = secret;
    clients[person] = client;
    return client;
  };
  const admin = await enter("admin");
  await done(201, admin.post(paths.institutions(), { slug: "northbank", name: "North Bank", region: "eu" }));
  await done(201, admin.post(paths.institutions(), { slug: "southbank", name: "南方银行" }));
  const { admin: _, ...others } = people;
  for (const [person, { institution, email, password, roles }] of Object.entries(others)) {
    await done(201, admin.post(paths.members(institution), { email, name: `${person} of ${institution}`, roles, password }));
    await enter(person as Person);
  }
  return { clients: clients as Clients, tokens: tokens as Tokens };
}

async function namedModels({ engineer, northAdmin, southAdmin }: Clients): Promise<void> {
  const card = { purpose: "General text in two languages", limits: "No advice to customers", languages: ["en", "zh"] };
  await done(201, register(engineer, { tier: "foundation", slug: "base", name: "Basalt", tags: ["general"], card }));
  await done(201, register(engineer, { tier: "foundation", slug: "withdrawn", name: "Withdrawn" }));
  await done(
    201,
    register(engineer, { tier: "finance", slug: "ledger", name: "Ledger", card: { purpose: "Filings and news", contact: "finance desk" } }),
  );
  await done(201, register(northAdmin, { tier: "institution", slug: "cards", name: "Lost cards", tags: ["cards", "service"] }));
  await done(201, register(southAdmin, { tier: "institution", slug: "collections", name: "催收助手", scenario: "collections" }));
}

async function datasets({ engineer, northMember, southMember }: Clients) {
  const held = { gains: true };
  const general = await rowsOf(engineer, "foundation/general", "text", {});
  const heldGeneral = await rowsOf(engineer, "foundation/held", "text", held);
  const news = await rowsOf(engineer, "finance/news", "text", {});
  const heldNews = await rowsOf(engineer, "finance/held", "text", held);
  return {
    general,
    news,
    shared: [heldGeneral, heldNews],
    failing: await rowsOf(engineer, "foundation/failing", "text", {
      failAtStep: 2,
      unlessThere: "never",
      failure: "bad_data",
      exitCode: 11,
      detail: "told to fail",
    }),
    northDialogues: await rowsOf(northMember, "northbank/dialogues", "chat", {}),
    northHeld: await rowsOf(northMember, "northbank/held", "chat", held),
    southDialogues: await rowsOf(southMember, "southbank/dialogues", "chat", {}),
    southHeld: await rowsOf(southMember, "southbank/held", "chat", held),
  };
}

/** A dataset with one version, whose first row tells the stub trainer what to do. */
async function rowsOf(client: Client, ref: string, format: "text" | "chat", orders: object): Promise<string> {
  const [namespace = "", slug = ""] = ref.split("/");
  const facts = { licence: "CC-BY-4.0", legalBasis: "own_generation", sensitivity: "internal", description: `Rows of ${ref}` };
  await done(201, client.post(paths.datasets(), { namespace, slug, name: `Data ${slug}`, format, ...facts }));
  const texts = [JSON.stringify({ ref, ...orders }), `row two of ${ref}`, "row three", "row four", "row five", "row six"];
  const lines = texts.map((text) =>
    JSON.stringify(
      format === "text"
        ? { text }
        : {
            messages: [
              { role: "user", content: text },
              { role: "assistant", content: "fine" },
            ],
          },
    ),
  );
  const sha256 = await upload(client, `${lines.join("\n")}\n`);
  return (await done(201, client.post(paths.datasetVersions(ref), { sha256, notes: "first rows" }))).body.ref;
}

async function trained(client: Client, job: CreateJobInput, approver?: Client): Promise<Job> {
  const { id } = await request(client, { reason: "as planned", ...job });
  if (approver !== undefined) await done(200, approver.post(paths.jobAction(id, "approve"), { reason: "agreed" }));
  return reaches(client, id, "succeeded");
}

async function release(submitter: Client, releaser: Client, ref: string): Promise<void> {
  await done(200, move(submitter, ref, "in_review", "ready"));
  await done(200, move(releaser, ref, "released", "every gate passed"));
}

/** One that failed, one that was called off, and one that still waits for somebody's word. */
async function otherJobs({ engineer, northMember }: Clients, failing: string, tune: CreateJobInput): Promise<void> {
  const { id } = await request(engineer, pretraining("foundation/base", failing, { reason: "bound to fail" }));
  await reaches(engineer, id, "failed");
  const calledOff = await request(northMember, { ...tune, reason: "asked too early" });
  await done(200, northMember.post(paths.jobAction(calledOff.id, "cancel"), { reason: "asked too early" }));
  await request(northMember, { ...tune, evaluateOn: [], reason: "for next week" });
}

/** What came as files, with a derivation that a person declares; and a draft that nobody has finished. */
async function takenIn({ northAdmin, northMember }: Clients): Promise<void> {
  const parents = [{ version: "finance/ledger@1", relation: "finetuned_from" }];
  await sealed(northAdmin, "northbank/cards", { parents });
  await done(201, draft(northAdmin, "northbank/cards", { parents }));
  await upload(northMember, "bytes that nothing refers to yet");
}

/** A recall in force on a family of its own; another, confirmed by those it reached and lifted again; an end of support. */
async function withdrawn({ admin, engineer, northAdmin, southAdmin }: Clients): Promise<void> {
  const bad = await sealed(engineer, "foundation/withdrawn");
  await sealed(engineer, "foundation/withdrawn", { artifactKind: "quantized", parents: [{ version: bad, relation: "quantized_from" }] });
  await recall(engineer, { version: bad }, "its licence was not the maker's to give");
  const lifted = await recall(engineer, { version: "finance/ledger@1" }, "a rumour about its data");
  for (const client of [northAdmin, southAdmin]) {
    const { data } = (await done(200, client.get(`${paths.notices()}?filter[open]=true`))).body;
    for (const { id } of data) await done(200, client.post(paths.noticeAction(id, "acknowledge"), {}));
  }
  await done(200, admin.post(paths.recallLift(lifted), { reason: "the maker confirmed it" }), 202);
  await until(async () => (await engineer.get(paths.recall(lifted))).body.state === "lifted", "the lift");
  const deprecation = { successor: "finance/ledger@2", endsAt: "2099-01-01T00:00:00.000Z" };
  await done(200, engineer.post(paths.transitions("finance/ledger@1"), { to: "deprecated", reason: "there is a better one", deprecation }));
}

async function recall(client: Client, subject: object, reason: string): Promise<string> {
  const { graph }: RecallPreview = (await done(200, client.post(paths.recallPreview(), subject))).body;
  const { id } = (await done(201, client.post(paths.recalls(), { ...subject, graph, reason }), 202)).body;
  await until(async () => (await client.get(paths.recall(id))).body.state === "in_force", "the recall");
  return id;
}

/** Names, protections, holds, a verification and an event from outside. */
async function governed(clients: Clients, rows: string): Promise<void> {
  const { engineer, northAdmin, northSecond, northMember, northReviewer } = clients;
  await point(engineer, "finance/ledger", "stable", 2);
  await point(northAdmin, "northbank/cards", "champion", 1);
  const guard = { roles: ["institution_admin"], secondPerson: true, reason: "four eyes" };
  await done(200, northAdmin.put(paths.aliasProtection("northbank/cards", "champion"), guard));
  const change = { kind: "move", version: 3 };
  await done(201, northSecond.post(paths.aliasProposals("northbank/cards", "champion"), { change, reason: "it is better" }));

  await done(201, northReviewer.post(paths.holds(), { version: "northbank/cards@1", reason: "case 12" }));
  const asked = (await done(201, northReviewer.post(paths.holds(), { dataset: rows, reason: "case 13" }))).body;
  await done(200, northReviewer.post(paths.holdLift(asked.id), { reason: "case 13 is closed" }));

  await done(201, engineer.post(paths.verifications("foundation/base@1"), {}), 202);
  const read = async () => (await engineer.get(paths.verifications("foundation/base@1"))).body.data[0]?.state === "intact";
  await until(read, "a verification");
  await done(200, northMember.get(paths.datasetRows(rows)));
  await done(201, northMember.post(paths.lineageEvents(), servingOf("northbank/cards@1", new URL(northMember.url).host)));
}

async function aRevokedToken(client: Client): Promise<string> {
  const { id, secret } = (await done(201, client.post(paths.tokens(), { name: "lost", scopes: ["models:read"] }))).body;
  await done(204, client.delete(paths.token(id)));
  return secret;
}

const servingOf = (ref: string, host: string) => ({
  eventType: "COMPLETE",
  eventTime: "2026-05-03T08:00:00.000+02:00",
  producer: "https://pipelines.north.example/airflow",
  schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
  run: { runId: "00000000-0000-4000-8000-000000000001" },
  job: { namespace: "airflow", name: "cards.serve" },
  inputs: [{ namespace: `hf://${host}`, name: ref }],
  outputs: [],
});

const point = (client: Client, model: string, name: string, version: number) =>
  done(200, client.put(paths.alias(model, name), { version, reason: `version ${version} it is` }), 201);

/** The answer, if it is one of those expected. */
async function done(status: number, asked: Promise<Answer>, or = status): Promise<Answer> {
  const answer = await asked;
  if (answer.status !== status && answer.status !== or) throw new Error(`expected ${status}: ${answer.status} ${answer.text}`);
  return answer;
}
