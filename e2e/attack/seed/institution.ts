import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import type { Database } from "../database.js";
import type { Platform } from "../platform.js";
import { sendDirectory } from "./directory.js";
import { adapter, dataset, digestOf, draft, sealed } from "./files.js";
import { addPerson, ask, type Person } from "./people.js";
import { entitle, release, type Shared } from "./shared.js";
import { until } from "./until.js";

/** An institution with something of every kind, all of it named after one word. */
export interface Institution {
  readonly slug: string;
  readonly id: string;
  /** A word that stands in every name, note and row of this institution and nowhere else. */
  readonly word: string;
  /** One of each role. */
  readonly people: readonly Person[];
  /** Digest of an upload that is not finished. */
  readonly partial: string;
  /** What valid requests are made of. */
  readonly firsts: Readonly<Record<"model" | "version" | "alias" | "job" | "import", string>>;
}

/** Stands in the institution's files and rows only, which not even the platform's people may read. */
export const secretOf = (word: string) => `secret of ${word}`;

/** A file that goes with each of the institution's versions. */
export const noteOf = (word: string, salt = "first") => `# ${secretOf(word)}, ${salt}\n`;

const FINANCE = "finance/ledger@1";

export async function seedInstitution(
  platform: Platform,
  database: Database,
  shared: Shared,
  slug: string,
  word: string,
): Promise<Institution> {
  const { id } = await ask(shared.admin, "POST", paths.institutions(), { slug, name: `Bank of ${word}`, region: `region ${word}` });
  const admin = await addPerson(shared.admin, slug, `${word}-admin`, "institution_admin");
  const second = await addPerson(admin, slug, `${word}-second`, "institution_admin");
  const member = await addPerson(admin, slug, `${word}-member`, "institution_member");
  const reviewer = await addPerson(admin, slug, `${word}-reviewer`, "compliance_reviewer");
  const auditor = await addPerson(admin, slug, `${word}-auditor`, "auditor");
  const bank = { slug, word, admin, second, member, reviewer };

  const models = await registerModels(bank);
  const versions = await makeVersions(bank, database, models.main);
  const data = await makeDatasets(bank);
  const job = await runJobs(bank, models.tuned, data);
  await scoreAbove(database, job, [versions.released, versions.next]);
  const alias = await pointAliases(bank, models.main);
  const imported = await importFiles(bank, platform, models.other);
  await standInTheWay(bank, versions, data);
  await declareRuns(bank, versions.released, data.calls);
  await looksBack(bank, versions.released);
  const partial = await beginUpload(bank);
  await entitle(database, shared, slug, word);
  await connectAccounts(bank);
  await sendDirectory(admin, database, slug, word);
  await actsFor(bank);
  await limit(bank, shared, database);
  await thinkOfLeaving(bank);
  return {
    slug,
    id,
    word,
    people: [admin, member, reviewer, auditor],
    partial,
    firsts: { model: models.main, version: versions.released, alias, job, import: imported },
  };
}

/** A quota that was decided on, a change that was rejected, one that is to be decided, and what was stored last month. */
async function limit({ slug, word, admin }: Bank, shared: Shared, database: Database): Promise<void> {
  const stop = (at: number) => ({ stop: at, warnPercent: 77 });
  const propose = async (revision: number, gpus: number) => {
    const limits = {
      gpus: stop(gpus),
      gpuHours: stop(90_000),
      money: stop(80_000_000),
      jobsQueued: stop(5000),
      storageBytes: stop(7e12),
      mayBorrow: true,
    };
    return (await ask(admin, "POST", paths.quotaProposals(slug), { limits, revision, reason: `${word} needs ${gpus}` })).id;
  };
  await ask(shared.admin, "POST", paths.quotaDecision(slug, await propose(0, 400), "approve"), { reason: `agreed with ${word}` });
  await ask(shared.admin, "POST", paths.quotaDecision(slug, await propose(1, 900), "reject"), { reason: `not for ${word}` });
  await propose(1, 500);
  // It was there last month already, so that it has a part in what that came to.
  await database.rows("update institutions set created_at = created_at - interval '2 months' where slug = $1", [slug]);
  await database.rows(
    "insert into storage_days (institution_id, day, bytes, price) select id, date_trunc('month', now())::date - 1, $2, 7 from institutions where slug = $1",
    [slug, 1_000_000_000_000 + word.charCodeAt(0) * 7_000_000_000],
  );
}

interface Bank {
  readonly slug: string;
  readonly word: string;
  readonly admin: Person;
  readonly second: Person;
  readonly member: Person;
  readonly reviewer: Person;
}

/** A role of its own that somebody holds, and a program with a token. */
async function actsFor({ slug, word, admin, member }: Bank): Promise<void> {
  const role = await ask(admin, "POST", paths.roles(slug), { name: `Role of ${word}`, scopes: ["models:read", "jobs:approve"] });
  await ask(admin, "POST", paths.roles(slug), { name: `Unused of ${word}`, description: `${word} again`, scopes: ["models:read"] });
  const { data } = await ask(admin, "GET", paths.members(slug));
  const responsible = data.find(({ email }: { email: string }) => email === member.email).id;
  const purpose = `Works for ${word}`;
  const { id } = await ask(admin, "POST", paths.serviceAccounts(slug), {
    name: `Program of ${word}`,
    purpose,
    responsible,
    roles: ["institution_member"],
    customRoles: [role.id],
  });
  await ask(admin, "POST", paths.serviceTokens(slug, id), { name: `Token of ${word}`, scopes: ["models:read"] });
}

async function registerModels({ slug, word, admin }: Bank) {
  const make = async (name: string): Promise<string> => {
    const card = { purpose: `purpose of ${word}`, contact: `desk@${word}.example`, limits: `limits of ${word}`, languages: ["en"] };
    await ask(
      admin,
      "POST",
      paths.models(),
      {
        namespace: slug,
        slug: `${word}-${name}`,
        tier: "institution",
        name: `${word} ${name}`,
        scenario: "risk",
        card,
        tags: [`${word}-${name}`],
      },
      { "idempotency-key": `${word}-makes-${name}` },
    );
    return `${slug}/${word}-${name}`;
  };
  return { main: await make("cards"), other: await make("limits"), tuned: await make("calls") };
}

async function makeVersions({ word, admin }: Bank, database: Database, model: string) {
  const made = (salt: string, make = sealed) =>
    make(
      admin,
      model,
      { ...adapter(`${secretOf(word)} ${salt}`), [`notes/${word}.md`]: noteOf(word, salt) },
      {
        artifactKind: "adapter",
        parents: [{ version: FINANCE, relation: "adapter_of" }],
        notes: `${word} notes of ${salt}`,
      },
    );
  const released = await made("first");
  await release(database, released);
  const next = await made("second");
  await release(database, next);
  const justSealed = await made("third");
  await made("fourth", draft);
  const retired = await made("fifth");
  await release(database, retired, "retired");
  await release(database, await made("left to the clean-up"), "retired");
  const recalled = await made("sixth");
  await release(database, recalled);
  // Stands on what the platform will recall for everyone.
  await sealed(admin, model, adapter(`${secretOf(word)} seventh`), {
    artifactKind: "adapter",
    parents: [{ version: "finance/vault@1", relation: "adapter_of" }],
  });
  return { released, next, justSealed, retired, recalled };
}

/** Scores versions above what the job's result and its parent reached, so that names may point to them. */
async function scoreAbove(database: Database, job: string, versions: readonly string[]): Promise<void> {
  for (const version of versions)
    await database.rows(
      `insert into evaluations
       select (jsonb_populate_record(e, jsonb_build_object('id', 'evl_' || md5(v.id), 'job_id', free.id, 'version_id', v.id, 'root_digest', v.root_digest, 'exact_match', 0.9))).*
         from evaluations e join jobs j on j.ordered_by_job_id = $1 and j.id = e.job_id join versions made on made.id = e.version_id and made.institution_id = e.institution_id,
              versions v join models m on m.id = v.model_id,
              lateral (select id from jobs where institution_id = v.institution_id and id not in (select job_id from evaluations) order by id limit 1) free
        where m.namespace || '/' || m.slug || '@' || v.number = $2`,
      [job, version],
    );
}

/** A name of its own, one that is protected, and changes of it that wait and that were decided. */
async function pointAliases({ word, admin, second }: Bank, model: string): Promise<string> {
  const name = `${word}-live`;
  await ask(admin, "PUT", paths.aliasProtection(model, name), {
    roles: ["institution_admin"],
    secondPerson: true,
    reason: `${word} four eyes`,
  });
  const propose = (version: number) =>
    ask(admin, "POST", paths.aliasProposals(model, name), { change: { kind: "move", version }, reason: `${word} proposes` });
  const first = await propose(1);
  await ask(second, "POST", paths.aliasProposalAction(model, name, first.id, "approve"), { reason: `${word} agrees` });
  const other = await propose(2);
  await ask(admin, "POST", paths.aliasProposalAction(model, name, other.id, "withdraw"), { reason: `${word} thinks again` });
  await propose(2);
  for (const version of [1, 2]) await ask(admin, "PUT", paths.alias(model, `${word}-try`), { version, reason: `${word} tries` });
  return name;
}

async function makeDatasets(bank: Bank) {
  const { slug, word, member } = bank;
  const rows = (what: string) =>
    [0, 1, 2]
      .map((n) =>
        JSON.stringify({
          messages: [
            { role: "user", content: `${secretOf(word)} ${what} ${n}` },
            { role: "assistant", content: "fine" },
          ],
        }),
      )
      .join("\n");
  const calls = await dataset(member, `${slug}/${word}-rows`, `${rows("call")}\n`, "chat");
  await dataset(member, `${slug}/${word}-rows`, `${rows("later call")}\n`, "chat", false);
  const held = await dataset(member, `${slug}/${word}-held`, `${rows("held")}\n`, "chat");
  const bad = await dataset(member, `${slug}/${word}-spare`, `${rows("spare")}\n`, "chat");
  return { calls, held, bad };
}

/** One job that came to its end, with scores; one that waits for a word; one that was given up. Answers the first. */
async function runJobs(
  { word, admin, member }: Bank,
  model: string,
  data: { readonly calls: string; readonly held: string },
): Promise<string> {
  const request = (seed: number) =>
    ask(
      member,
      "POST",
      paths.jobs(),
      {
        kind: "tune",
        method: "lora",
        model,
        parent: FINANCE,
        datasets: [data.calls],
        evaluateOn: [data.held],
        seed,
        reason: `${word} asks`,
      },
      { "idempotency-key": `${word}-job-${seed}` },
    );
  const done = await request(1);
  await ask(admin, "POST", paths.jobAction(done.id, "approve"), { reason: `${word} approves` });
  await request(2);
  const cancelled = await request(3);
  await ask(member, "POST", paths.jobAction(cancelled.id, "cancel"), { reason: `${word} gives up` });
  await until(async () => {
    const { state, attempts } = await ask(member, "GET", paths.job(done.id));
    if (["failed", "cancelled"].includes(state)) throw new Error(`the job of ${word} ${state}: ${JSON.stringify(attempts)}`);
    return state === "succeeded";
  });
  return done.id;
}

async function importFiles({ slug, word, admin }: Bank, { importRoot }: Platform, model: string): Promise<string> {
  const folder = join(importRoot, slug, word);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(adapter(`${secretOf(word)} import`))) {
    writeFileSync(join(folder, name), text, "latin1");
  }
  const request = (path: string) =>
    ask(admin, "POST", paths.imports(), {
      model,
      source: { kind: "directory", path },
      artifactKind: "adapter",
      parents: [{ version: FINANCE, relation: "adapter_of" }],
      notes: `${word} import`,
    });
  const good = await request(folder);
  const lost = await request(join(importRoot, slug, `${word}-nothing`));
  for (const one of [good, lost])
    await until(async () => ["done", "failed"].includes((await ask(admin, "GET", paths.import(one.id))).state));
  return good.id;
}

/** A recall, holds in both states, and what was purged. */
async function standInTheWay(
  { word, admin, reviewer }: Bank,
  { next, retired, recalled }: { readonly next: string; readonly retired: string; readonly recalled: string },
  data: { readonly bad: string },
): Promise<void> {
  for (const subject of [{ version: recalled }, { dataset: data.bad }]) {
    const { graph } = await ask(admin, "POST", paths.recallPreview(), subject);
    await ask(admin, "POST", paths.recalls(), { ...subject, graph, reason: `${word} recalls` });
  }
  const { graph } = await ask(admin, "POST", paths.purgePreview(), { version: retired });
  await ask(admin, "POST", paths.purges(), { version: retired, graph, reason: `${word} purges` });
  const hold = () => ask(reviewer, "POST", paths.holds(), { version: next, reason: `${word} holds`, reference: `${word} 12` });
  await hold();
  const asked = await hold();
  await ask(reviewer, "POST", paths.holdLift(asked.id), { reason: `${word} lets go` });
}

async function declareRuns({ word, member }: Bank, version: string, data: string): Promise<void> {
  await ask(member, "POST", paths.lineageEvents(), {
    eventType: "COMPLETE",
    eventTime: "2026-05-03T08:00:00Z",
    producer: `https://${word}.example/airflow`,
    schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    run: { runId: "00000000-0000-4000-8000-000000000001" },
    job: { namespace: word, name: `${word}.prepare` },
    inputs: [{ namespace: `s3://${word}`, name: "calls" }],
    outputs: [
      { namespace: "hf", name: version },
      { namespace: "hf", name: `datasets/${data}` },
    ],
  });
}

/** What is asked for to look back: readings of files and of the log. */
async function looksBack({ slug, admin }: Bank, version: string): Promise<void> {
  await ask(admin, "POST", paths.verifications(version));
  await ask(admin, "POST", paths.auditVerifications(), { chain: slug });
  await until(async () => {
    const { data } = await ask(admin, "GET", paths.verifications(version));
    return data.some((one: { state: string }) => one.state !== "waiting" && one.state !== "running");
  });
}

/** A sign-in provider with somebody's account. It is not offered: what is, stands on the sign-in page for everybody. */
async function connectAccounts({ slug, word, admin, member }: Bank): Promise<void> {
  const { id } = await ask(admin, "POST", paths.identityProviders(slug), {
    kind: "oidc",
    name: `${word} sign-on`,
    // An address that is never asked, so that nothing waits for an answer.
    issuer: `https://10.0.0.1/${word}`,
    clientId: `${word}-client`,
    clientSecret: secretOf(word),
    mapping: [{ group: `${word}-staff`, roles: ["institution_member"] }],
    isEnabled: false,
  });
  const { data } = await ask(admin, "GET", paths.members(slug));
  const person = data.find(({ email }: { email: string }) => email === member.email);
  await ask(admin, "POST", paths.memberIdentities(slug, person.id), { providerId: id, subject: `${word}-subject` });
}

async function beginUpload({ word, member }: Bank): Promise<string> {
  const text = `${secretOf(word)} that is on its way`;
  const headers = { "content-range": `bytes 0-9/${text.length}` };
  await ask(member, "PUT", paths.blob(digestOf(text)), text.slice(0, 10), headers);
  return digestOf(text);
}

/** An exit that was called off, and an export that is ready. */
async function thinkOfLeaving({ slug, word, admin }: Bank): Promise<void> {
  const { mark } = await ask(admin, "POST", paths.exitAct(slug, "preview"));
  await ask(admin, "POST", paths.exitAct(slug, "start"), { confirm: slug, mark, reason: `${word} leaves` });
  await ask(admin, "POST", paths.exitAct(slug, "cancel"), { reason: `${word} stays` });
  const { id } = await ask(admin, "POST", paths.exitExports(slug));
  await until(async () => (await ask(admin, "GET", paths.exitExport(slug, id))).state === "done");
}
