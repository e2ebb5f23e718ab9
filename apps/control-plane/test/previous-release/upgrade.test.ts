import { type Job, type Model, paths, type Verification, type Version, type VersionFile } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { migrations } from "../../src/platform/database/migrations/index.js";
import { freshDatabase } from "../fresh-database.js";
import { type Client, send } from "../harness.js";
import { reaches, until } from "../jobs-bench.js";
import { sha256 } from "../registry-fixtures.js";
import type { Clients } from "./fill.js";
import { answers, asIntruder, release } from "./lay-out.js";
import { PEOPLE, people, signIn, signInAs, withToken } from "./people.js";
import { SCHEMA_OF } from "./schema-of.js";
import { type ThisRelease, thisRelease } from "./this-release.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let here: ThisRelease;
let url = "";
let everybody: Clients;
/** Every version of the previous release but drafts, with the state it was in. */
let sealed: readonly { readonly ref: string; readonly owner: string; readonly state: string }[];

beforeAll(async () => {
  here = await thisRelease("upgrade");
  url = await here.start();
  everybody = await withOldTokens();
  sealed = await versionsOf(everybody.engineer);
});
afterAll(() => here?.remove());

const sql = <Row extends Record<string, unknown>>(statement: string, values?: readonly unknown[]) =>
  asIntruder<Row>(here.dataDir, statement, values);

async function withOldTokens(): Promise<Clients> {
  const clients = await Promise.all(PEOPLE.map(async (person) => [person, await withToken(url, release.tokens[person])] as const));
  return Object.fromEntries(clients) as Clients;
}

async function versionsOf(client: Client): Promise<readonly Version[]> {
  const models: Model[] = (await client.get(`${paths.models()}?limit=200`)).body.data;
  const lists = await Promise.all(models.map(async ({ ref }) => (await client.get(`${paths.versions(ref)}?limit=200`)).body.data));
  return lists.flat().filter(({ state }: Version) => state !== "draft");
}

/** Who answers for a version: its own institution, which sees its bytes. */
const ownerOf = ({ owner }: { readonly owner: string }): Client =>
  ({ platform: everybody.engineer, northbank: everybody.northAdmin, southbank: everybody.southAdmin })[owner] ?? everybody.admin;
const statesOf = (refs: readonly string[]) =>
  Promise.all(refs.map(async (ref) => (await everybody.engineer.get(paths.version(ref))).body.state));

describe("a data directory of the previous release", () => {
  it("has every migration once", async () => {
    const rows = await sql<{ name: string }>("select name from public.migrations");
    expect(rows.map(({ name }) => name).sort()).toEqual(migrations.map(({ name }) => name).sort());
  });

  it("has the schema that this release makes for a new one", async () => {
    const fresh = await freshDatabase();
    const client = new pg.Client({ connectionString: fresh.superuserUrl });
    await client.connect();
    const made = (await client.query<{ line: string }>(SCHEMA_OF)).rows;
    await client.end();
    await fresh.drop();
    expect(made.length).toBeGreaterThan(500);
    expect((await sql<{ line: string }>(SCHEMA_OF)).map(({ line }) => line)).toEqual(made.map(({ line }) => line));
  });

  it("lets people in by their passwords and their tokens, and not by a token that was revoked", async () => {
    for (const person of PEOPLE) expect((await signIn(url, person)).me.email).toBe(people[person].email);
    const me = (secret: string) => send(url, "GET", paths.me(), undefined, { authorization: `Bearer ${secret}` });
    expect((await me(release.tokens.northMember)).body.email).toBe(people.northMember.email);
    expect((await me(release.revoked)).status).toBe(401);
  });

  it("keeps the secrets it has under the key it has, and closes them as this release does", async () => {
    await until(async () => (await everybody.admin.get(paths.secretKey())).body.isDone, "the closing of its secrets");
    const rows = await sql<{ private_key: string }>("select private_key from public.platform_keys");
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter(({ private_key: text }) => !/^sealed2:[0-9a-f]{8}:/.test(text))).toEqual([]);
  });

  it("tells everybody what they were told before", async () => {
    expect(answers.length).toBeGreaterThan(250);
    for (const { as, path, status, body } of answers) {
      const answer = await everybody[as].get(path);
      expect([as, path, answer.status]).toEqual([as, path, status]);
      if (status === 200) expect([as, path, withoutNews(answer.body ?? answer.text)]).toMatchObject([as, path, remembered(body)]);
      else expect([as, path, answer.body.code]).toEqual([as, path, codeOf(body)]);
    }
  });

  it("keeps what is another institution's from a bank", async () => {
    for (const [stranger, slug] of [
      ["southAdmin", "northbank"],
      ["northAdmin", "southbank"],
    ] as const) {
      const owned = answers.filter(({ status, path }) => status === 200 && path.includes(`/${slug}`)).map(({ path }) => path);
      expect(owned.length).toBeGreaterThan(10);
      for (const path of new Set(owned)) expect([path, (await everybody[stranger].get(path)).status]).toEqual([path, 404]);
      const lists = [paths.models(), paths.datasets(), paths.jobs(), paths.evaluations(), paths.notices(), paths.institutions()];
      for (const path of [
        ...lists,
        `${paths.search()}?q=${slug}`,
        paths.lineage("finance/ledger@1"),
        paths.lineageImpact("finance/ledger@1"),
      ]) {
        const { status, text } = await everybody[stranger].get(path);
        expect([path, status, text.includes(`${slug}/`)]).toEqual([path, 200, false]);
      }
    }
  });

  it("holds every chain of the audit log from its first entry across the upgrade, and names an old entry that was altered", async () => {
    const { admin } = everybody;
    const verdict = async () => (await admin.get(paths.auditVerify())).body;
    expect(await verdict()).toMatchObject({ ok: true, chains: [{ ok: true }, { ok: true }, { ok: true }] });
    const [entry] = await sql<{ id: string; sequence: string }>(
      `select e.id, c.sequence from public.audit_entries e join public.audit_chain c on c.entry_id = e.id
        where e.action = 'version.release' and e.object = 'northbank/cards@1'`,
    );
    const alter = (text: string) => sql("update public.audit_entries set reason = $2 where id = $1", [entry?.id, text]);
    await alter("nobody looked");
    expect((await verdict()).chains.filter(({ ok }: { ok: boolean }) => !ok)).toMatchObject([
      { chain: "northbank", firstBad: { sequence: Number(entry?.sequence), problem: "altered" } },
    ]);
    await alter("every gate passed");
    expect((await verdict()).ok).toBe(true);
  });

  it("answers ancestors and descendants as a walk over the derivations does", async () => {
    for (const { ref } of sealed) {
      const { nodes } = (await everybody.engineer.get(paths.lineage(ref))).body;
      const seen = (side: number) =>
        nodes.flatMap((node: { kind: string; ref: string; distance: number }) =>
          node.kind === "version" && Math.sign(node.distance) === side ? [node.ref] : [],
        );
      const [walked] = await sql<{ up: string[]; down: string[] }>(walk, [ref]);
      expect([ref, seen(-1).sort(), seen(1).sort()]).toEqual([ref, walked?.up.sort(), walked?.down.sort()]);
    }
  });
});

describe("what the previous release sealed", () => {
  it("gets a record of what was found, said to be a baseline and held by the audit log", async () => {
    const count = async () => Number((await sql<{ n: string }>("select count(*) as n from public.version_seals"))[0]?.n);
    await vi.waitUntil(async () => (await count()) === sealed.length, { timeout: 20_000, interval: 50 });
    for (const version of sealed) {
      const { body } = await ownerOf(version).get(paths.versionSeal(version.ref));
      expect(body).toMatchObject({ version: version.ref, origin: "baseline", record: { ref: version.ref, state: version.state } });
    }
    const entries = await sql<{ object: string }>("select object from public.audit_entries where action = 'version.baseline'");
    expect(entries.map(({ object }) => object).sort()).toEqual(sealed.map(({ ref }) => ref).sort());
  });

  it("has the bytes it had, for its own people only", async () => {
    for (const version of sealed) {
      const owner = ownerOf(version);
      const { id } = (await owner.post(paths.verifications(version.ref), {})).body;
      const found = await until(async () => {
        const list: Verification[] = (await owner.get(paths.verifications(version.ref))).body.data;
        return list.find((one) => one.id === id && one.finishedAt !== null) ?? null;
      }, `the verification of ${version.ref}`);
      expect(found).toMatchObject({ version: version.ref, state: "intact", firstBad: null, altered: [] });
    }
    const files: VersionFile[] = (await everybody.northMember.get(paths.versionFiles("northbank/cards@1"))).body.data;
    for (const { path, sha256: digest, kind } of files) {
      const answer = await fetch(url + paths.versionFile("northbank/cards@1", path), { headers: everybody.northMember.headers });
      expect([path, sha256(Buffer.from(await answer.arrayBuffer()))]).toEqual([path, digest]);
      // The tokenizer is the shared base's.
      for (const address of [paths.versionFile("northbank/cards@1", path), ...(kind === "tokenizer" ? [] : [paths.blob(digest)])]) {
        expect([address, (await everybody.southAdmin.get(address)).status]).toEqual([address, 404]);
      }
    }
  });

  it("is worked on: a job that waited for somebody's word is approved, trains and seals the next version", async () => {
    const { northMember, northAdmin } = everybody;
    const [waiting]: Job[] = (await northMember.get(`${paths.jobs()}?filter[state]=awaiting_approval`)).body.data;
    expect((await northAdmin.post(paths.jobAction(waiting?.id ?? "", "approve"), { reason: "now" })).status).toBe(200);
    const { version } = await reaches(northMember, waiting?.id ?? "", "succeeded");
    expect((await northMember.get(paths.version(version ?? ""))).body).toMatchObject({
      state: "sealed",
      parents: [{ version: "finance/ledger@2", seal: "sealed" }],
    });
  });

  it("is withdrawn with all that stands on it, and given back as it was", async () => {
    const { engineer, admin } = everybody;
    const subject = { version: "foundation/base@1" };
    const family = (await versionsOf(engineer)).filter(({ ref }) => !ref.startsWith("foundation/withdrawn"));
    const refs = family.map(({ ref }) => ref);
    const preview = (await engineer.post(paths.recallPreview(), subject)).body;
    expect(preview.versions).toBe(refs.length);
    const asked = await engineer.post(paths.recalls(), { ...subject, graph: preview.graph, reason: "its licence" });
    const inState = (state: string) =>
      until(async () => (await engineer.get(paths.recall(asked.body.id))).body.state === state, `a recall that is ${state}`);
    await inState("in_force");
    expect(new Set(await statesOf(refs))).toEqual(new Set(["recalled"]));
    // What each contributed before there were records of it is known from rows and the audit log.
    const own = (await engineer.post(paths.recallLift(asked.body.id), { reason: "my own" })).body.errors;
    const codes = ["own_data", "own_evaluation", "own_request", "own_submission"];
    expect(own.map(({ code }: { code: string }) => code).sort()).toEqual(codes);
    // Whoever released by being an administrator makes somebody a reviewer first.
    const lift = { reason: "the maker confirmed it" };
    expect((await admin.post(paths.recallLift(asked.body.id), lift)).status).toBe(403);
    const reviewer = {
      email: "reviewer@platform.example",
      name: "Reviewer",
      roles: ["compliance_reviewer"],
      password: "correct horse battery",
    };
    // Not by a token from before: it does not give what it was not given.
    expect((await admin.post(paths.members("platform"), reviewer)).body.errors).toMatchObject([{ code: "role_exceeds" }]);
    const inPerson = (await signIn(url, "admin")).headers;
    expect((await send(url, "POST", paths.members("platform"), reviewer, inPerson)).status).toBe(201);
    const { headers } = await signInAs(url, reviewer);
    expect((await send(url, "POST", paths.recallLift(asked.body.id), lift, headers)).status).toBe(200);
    await inState("lifted");
    expect(await statesOf(refs)).toEqual(family.map(({ state }) => state));
  });

  it("is the same after another start, which migrates nothing", async () => {
    const rows = () =>
      sql(
        "select 'migration' as what, name as id, id as n from public.migrations union all select 'version', id, number from public.versions order by 1, 2",
      );
    const before = await rows();
    expect(await here.stop()).toEqual([0]);
    await here.start();
    expect(await rows()).toEqual(before);
  });
});

/** Versions above and below one, walked edge by edge. */
const walk = `
  with recursive named as (select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref from public.versions v join public.models m on m.id = v.model_id),
    up as (select e.parent_id as id from public.edges e join named n on n.id = e.child_id where n.ref = $1
      union select e.parent_id from up join public.edges e on e.child_id = up.id),
    down as (select e.child_id as id from public.edges e join named n on n.id = e.parent_id where n.ref = $1
      union select e.child_id from down join public.edges e on e.parent_id = down.id)
  select array(select n.ref from up join named n using (id)) as up,
    array(select n.ref from down join named n using (id) join public.versions v using (id) where v.sealed_at is not null) as down`;

const codeOf = (problem: unknown): unknown => Object.entries(problem ?? {}).find(([key]) => key === "code")?.[1];

/**
 * An old answer without what this release says otherwise: how complete a card is depends on what its tier asks for now, and nobody lifts the
 * recall of, or releases, what they had a hand in.
 */
function remembered(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (key, value) =>
    ["cardCompleteness", "mayApprove", "mayLift", "moves", "scopes"].includes(key) ? undefined : value,
  );
}

/** A new answer without what this release says on top: an end of support that was stated before is told, once. */
function withoutNews(answer: { readonly data?: readonly { readonly kind?: string }[] } | string): unknown {
  if (typeof answer === "string" || !Array.isArray(answer.data)) return answer;
  return { ...answer, data: answer.data.filter(({ kind }) => kind !== "support_end") };
}
