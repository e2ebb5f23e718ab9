import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aCheckpoint, askImport, bytesOf, ended, hasFiles, importOf, imports, partialsOf, versionsOf } from "../../test/import-fixtures.js";
import { until } from "../../test/jobs-bench.js";
import { aPyramid, register } from "../../test/registry-fixtures.js";
import { type Commit, type StandInHub, standInHub } from "../../test/stand-in-hub.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";

const SECRET = "hf_the-platforms-own-token";
let hub: StandInHub;
let cdn: StandInHub;
let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let made = 0;

beforeAll(async () => {
  hub = await standInHub();
  cdn = await standInHub();
  platform = await startPlatform({ role: "all", env: { HF_ENDPOINT: hub.url, HF_TOKEN: SECRET } });
  people = await aPyramid(platform);
});
beforeEach(() => {
  for (const { behaviour } of [hub, cdn]) {
    Object.assign(behaviour, {
      cutAfter: 0,
      cuts: 0,
      cutPath: null,
      slow: 0,
      refuse: null,
      tamper: null,
      elsewhere: null,
      extra: [],
      ignoresRange: false,
    });
  }
});
afterAll(async () => {
  await platform?.close();
  await Promise.all([hub?.close(), cdn?.close()]);
});

const asCommit = (files: Readonly<Record<string, Buffer>>): Commit =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, { bytes, lfs: path.endsWith(".safetensors") }]));
const source = { kind: "huggingface", repo: "org/model" } as const;

/** A model line of the engineer's, made for one test. */
async function aLine(): Promise<string> {
  made += 1;
  const answer = await register(people.engineer, { tier: "foundation", slug: `hub-${made}` });
  return answer.body.ref;
}
const asksFor = (ending: string) => hub.asked.filter(({ path }) => path.endsWith(ending));

describe("an import from a hub", () => {
  it("brings every byte of the commit the branch named into one draft, and says how far it is", async () => {
    const files = aCheckpoint(60_000, "first");
    const commit = hub.push(asCommit(files));
    const model = await aLine();
    const done = await imports(people.engineer, { model, source, notes: "from the hub" });
    expect(done).toMatchObject({ state: "done", revision: commit, failure: null, version: `${model}@1`, files: { done: 5, total: 5 } });
    expect(done.bytes.done).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
    expect(done.bytes.total).toBe(done.bytes.done);
    await hasFiles(people.engineer, done.version, files);
    const version = (await people.engineer.get(paths.version(`${model}@1`))).body;
    expect(version).toMatchObject({ state: "draft", notes: "from the hub", createdBy: people.engineer.viewer.name });
    expect(partialsOf(platform, done.id)).toEqual([]);
  });

  it("writes every change of state into the audit log, and the token nowhere", async () => {
    hub.push(asCommit(aCheckpoint(100, "audited")));
    const before = hub.asked.length;
    const done = await imports(people.engineer, { model: await aLine(), source });
    const entries = await asSystem<{ action: string; reason: string }>(
      platform,
      "select action, reason from audit_entries where object = $1 order by id",
      [done.id],
    );
    expect(entries.map(({ action }) => action)).toEqual(["import.request", "import.move", "import.move"]);
    expect(new Set(hub.asked.slice(before).map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${SECRET}`]));
    const rows = await asSystem<{ text: string }>(
      platform,
      "select imports::text as text from imports union all select audit_entries::text from audit_entries",
    );
    expect(rows.filter(({ text }) => text.includes(SECRET))).toEqual([]);
    expect(JSON.stringify(done)).not.toContain(SECRET);
  });

  it("seals in the same step where asked to, and leaves no draft where sealing is refused", async () => {
    hub.push(asCommit(aCheckpoint(100, "sealed")));
    const model = await aLine();
    const done = await imports(people.engineer, { model, source, seal: true });
    expect((await people.engineer.get(paths.version(done.version ?? ""))).body).toMatchObject({
      state: "sealed",
      rootDigest: expect.any(String),
    });
    hub.push(asCommit({ "config.json": Buffer.from("{}") }));
    const refused = await imports(people.engineer, { model, source, seal: true });
    expect(refused.failure).toMatchObject({ code: "rule", violations: [{ code: "artifact_incomplete" }] });
    expect(await versionsOf(platform, model)).toHaveLength(1);
  });

  it("keeps to its commit when the branch moves on meanwhile", async () => {
    const files = aCheckpoint(120_000, "old");
    const commit = hub.push(asCommit(files));
    hub.behaviour.slow = 40;
    const { id } = (await askImport(people.engineer, { model: await aLine(), source })).body;
    await until(async () => (await importOf(people.engineer, id)).revision, "the commit");
    hub.push(asCommit(aCheckpoint(100, "new")));
    hub.behaviour.slow = 0;
    const done = await ended(people.engineer, id);
    expect([done.state, done.revision]).toEqual(["done", commit]);
    await hasFiles(people.engineer, done.version, files);
  });

  it("leaves behind what it is told to", async () => {
    const { "README.md": _, ...kept } = aCheckpoint(100, "some");
    hub.push(asCommit({ ...aCheckpoint(100, "some"), "pytorch_model.bin": bytesOf(1000, 1) }));
    const done = await imports(people.engineer, { model: await aLine(), source, exclude: ["*.bin", "README.*"] });
    await hasFiles(people.engineer, done.version, kept);
    expect(asksFor("pytorch_model.bin")).toEqual([]);
  });

  it("is shown with bytes, speed and remaining time while it runs", async () => {
    hub.push(asCommit({ "model.safetensors": aCheckpoint(500_000, "slow")["model.safetensors"] ?? Buffer.alloc(0) }));
    hub.behaviour.slow = 100;
    const { id } = (await askImport(people.engineer, { model: await aLine(), source })).body;
    const now = await until(async () => {
      const found = await importOf(people.engineer, id);
      return found.bytesPerSecond !== null && found.bytesPerSecond > 0 ? found : null;
    }, "a speed");
    expect(now).toMatchObject({ state: "transferring", files: { done: 0, total: 1 }, version: null });
    expect(now.bytes.done).toBeGreaterThan(0);
    expect(now.secondsLeft).toBeCloseTo(((now.bytes.total ?? 0) - now.bytes.done) / (now.bytesPerSecond ?? 1), 3);
    expect((await ended(people.engineer, id)).bytesPerSecond).toBeNull();
  });
});

describe("a connection that breaks", () => {
  it("goes on where it broke, by range, and fetches no finished file again", async () => {
    const files = aCheckpoint(100_000, "broken");
    hub.push(asCommit(files));
    Object.assign(hub.behaviour, { cutAfter: 65_536, cuts: 3 });
    const before = hub.asked.length;
    const done = await imports(people.engineer, { model: await aLine(), source });
    expect(done.failure).toBeNull();
    await hasFiles(people.engineer, done.version, files);
    const asked = hub.asked.slice(before);
    // A cut that comes before anything was kept is followed by a plain request.
    const ranged = asked.filter(({ range }) => range !== undefined).length;
    expect(ranged).toBeGreaterThanOrEqual(1);
    expect(ranged).toBeLessThanOrEqual(3);
    expect(hub.behaviour.cuts).toBe(0);
    expect(asked.filter(({ path }) => path.endsWith("config.json"))).toHaveLength(1);
  });

  it("begins anew where the hub knows no ranges, with the same result", async () => {
    const files = aCheckpoint(100_000, "no ranges");
    hub.push(asCommit(files));
    Object.assign(hub.behaviour, { cutAfter: 65_536, cuts: 1, ignoresRange: true });
    const done = await imports(people.engineer, { model: await aLine(), source });
    await hasFiles(people.engineer, done.version, files);
  });
});

describe("bytes kept elsewhere", () => {
  it("are fetched from there without the token", async () => {
    const files = aCheckpoint(20_000, "cdn");
    const commit = hub.push(asCommit(files));
    expect(cdn.push(asCommit(files))).not.toBe("");
    // The delivery host answers for any commit that it was given.
    hub.behaviour.elsewhere = cdn.url;
    const done = await imports(people.engineer, { model: await aLine(), source });
    expect([done.failure, done.revision]).toEqual([null, commit]);
    await hasFiles(people.engineer, done.version, files);
    expect(cdn.asked.length).toBe(1);
    expect(cdn.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it("are refused when they are others than the hub named", async () => {
    const files = aCheckpoint(20_000, "cdn lies");
    hub.push(asCommit(files));
    cdn.push(asCommit(files));
    hub.behaviour.elsewhere = cdn.url;
    cdn.behaviour.tamper = (_, bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([0xff])]);
    const model = await aLine();
    const { failure } = await imports(people.engineer, { model, source });
    expect(failure).toMatchObject({ code: "changed", detail: expect.stringContaining("model.safetensors changed under the import") });
    expect(await versionsOf(platform, model)).toEqual([]);
  });
});

describe("an import is refused, and nothing of it is visible,", () => {
  const fails = async (code: string, words: string) => {
    const model = await aLine();
    const failed = await imports(people.engineer, { model, source });
    expect([failed.state, failed.version, failed.failure?.code]).toEqual(["failed", null, code]);
    expect(failed.failure?.detail).toContain(words);
    expect(await versionsOf(platform, model)).toEqual([]);
    return failed;
  };

  it("when a file kept by Git changes under it", async () => {
    hub.push(asCommit(aCheckpoint(100, "git")));
    hub.behaviour.tamper = (path, bytes) => (path === "config.json" ? Buffer.from(bytes.toString().replace("llama", "LLAMA")) : bytes);
    await fails("changed", "config.json changed under the import");
  });

  it("when a file grows or shrinks under it", async () => {
    hub.push(asCommit(aCheckpoint(100, "grows")));
    hub.behaviour.tamper = (path, bytes) => (path === "README.md" ? Buffer.concat([bytes, bytes]) : bytes);
    await fails("changed", "README.md changed under the import");
  });

  it("when a path escapes", async () => {
    hub.push(asCommit(aCheckpoint(100, "escapes")));
    hub.behaviour.extra = [{ type: "file", path: "../../etc/cron.d/x", size: 1, oid: "0".repeat(40) }];
    const { failure } = await fails("rule", "../../etc/cron.d/x");
    expect(failure?.violations).toMatchObject([{ code: "path_escapes" }]);
  });

  it("when the hub wants a right we lack, in the hub's own words", async () => {
    hub.push(asCommit(aCheckpoint(100, "gated")));
    hub.behaviour.refuse = { status: 401, message: "Access to model org/model is restricted." };
    await fails("unauthorised", "401 for org/model: Access to model org/model is restricted.");
  });

  it("when the hub has no such repository", async () => {
    hub.behaviour.refuse = { status: 404, message: "Repository not found" };
    await fails("not_found", "Repository not found");
  });

  it("when the hub is away for too long", async () => {
    hub.behaviour.refuse = { status: 503, message: "down for maintenance" };
    await fails("unreachable", "503 for org/model: down for maintenance");
  });

  it("when weights are in a format that runs code, before a byte of them moves", async () => {
    hub.push(asCommit({ ...aCheckpoint(100, "pickle"), "model.pkl": bytesOf(1000, 2) }));
    await fails("rule", "model.pkl: this format can run code on loading");
    expect(asksFor("model.pkl")).toEqual([]);
  });

  it("when a file pretends to be weights", async () => {
    hub.push(asCommit({ "model.safetensors": bytesOf(5000, 3) }));
    const { failure } = await fails("rule", "model.safetensors");
    expect(failure?.violations).toMatchObject([{ code: "safetensors_invalid" }]);
  });

  it("when nobody listens, with the network's reason, and may be asked for again", async () => {
    const late = await standInHub();
    const url = late.url;
    await late.close();
    const other = await startPlatform({ role: "all", env: { HF_ENDPOINT: url } });
    try {
      const engineer = await other.addPerson("platform", "engineer@platform.example", "platform_engineer");
      await register(engineer, { tier: "foundation", slug: "base" });
      const failed = await imports(engineer, { model: "foundation/base", source });
      expect(failed.failure).toMatchObject({ code: "unreachable", detail: expect.stringContaining("ECONNREFUSED") });
      expect(failed.moves).toContainEqual({ action: "retry", allowed: true, reason: null });
    } finally {
      await other.close();
    }
    // Five tries that wait longer each time.
  }, 60_000);
});

it("retry goes on with what is here: finished files are not fetched again", async () => {
  const files = aCheckpoint(100_000, "retried");
  hub.push(asCommit(files));
  Object.assign(hub.behaviour, { cutAfter: 0, cuts: 1000, cutPath: "model.safetensors" });
  const { id } = (await askImport(people.engineer, { model: await aLine(), source })).body;
  const failed = await ended(people.engineer, id);
  expect(failed.failure).toMatchObject({ code: "unreachable" });
  hub.behaviour.cuts = 0;
  const before = hub.asked.length;
  expect((await people.engineer.post(`${paths.importAction(id, "retry")}`)).body).toMatchObject({ state: "transferring", failure: null });
  const done = await ended(people.engineer, id);
  await hasFiles(people.engineer, done.version, files);
  const again = hub.asked.slice(before).map(({ path }) => path);
  expect(again.every((path) => path.endsWith("/model.safetensors"))).toBe(true);
});

describe("cancelling", () => {
  it("stops the transfer, takes its bytes away and makes no version", async () => {
    hub.push(asCommit(aCheckpoint(1_000_000, "cancelled")));
    hub.behaviour.slow = 100;
    const model = await aLine();
    const { id } = (await askImport(people.engineer, { model, source })).body;
    await until(async () => (await importOf(people.engineer, id)).bytes.done > 300_000, "some bytes");
    expect(partialsOf(platform, id)).not.toEqual([]);
    const answer = await people.engineer.post(paths.importAction(id, "cancel"), { reason: "the wrong one" });
    expect([answer.status, answer.body.state]).toEqual([200, "cancelled"]);
    await until(async () => partialsOf(platform, id).length === 0, "the bytes to go");
    await until(async () => (await importOf(people.engineer, id)).bytes.done < 300_000, "the count without them");
    expect(await versionsOf(platform, model)).toEqual([]);
    expect((await people.engineer.post(paths.importAction(id, "cancel"))).status).toBe(409);
  });
});

describe("who may", () => {
  it("import is who may draft versions of the model; others see nothing of it", async () => {
    hub.push(asCommit(aCheckpoint(100, "whose")));
    const ask = (client: typeof people.admin) => askImport(client, { model: "northbank/cards", source, artifactKind: "full" });
    const mine = await ask(people.member);
    expect(mine.status).toBe(201);
    expect((await ask(people.stranger)).body).toMatchObject({ code: "rule", errors: [{ code: "model_unknown", pointer: "/model" }] });
    expect((await askImport(people.member, { model: "finance/ledger", source })).body.code).toBe("denied");
    expect((await ask(people.engineer)).body.code).toBe("denied");
    const { id } = mine.body;
    for (const client of [people.stranger, people.engineer]) {
      const unknown = (await client.get(paths.import(`imp_${"0".repeat(32)}`))).body;
      expect({ ...(await client.get(paths.import(id))).body, instance: "", requestId: "" }).toEqual({
        ...unknown,
        instance: "",
        requestId: "",
      });
      expect((await client.post(paths.importAction(id, "cancel"))).status).toBe(404);
      expect((await client.get(paths.imports())).body.data.filter((found: { id: string }) => found.id === id)).toEqual([]);
    }
    expect((await people.member.get(`${paths.imports()}?filter[model]=northbank/cards&include=total`)).body).toMatchObject({
      total: 1,
      data: [{ id }],
    });
    // Behind the code stands the database: it shows the stranger no row, whatever a query forgets to ask.
    for (const table of ["imports", "import_files"]) {
      const rows = await platform.app
        .get(UnitOfWork)
        .run(people.stranger.viewer, (tx) => tx.query<{ institution_id: string }>(`select institution_id from ${table}`));
      expect([table, rows]).toEqual([table, []]);
    }
    await ended(people.member, id);
  });

  it("reads with the platform's token is the platform alone", async () => {
    const files = aCheckpoint(100, "tokenless");
    hub.push(asCommit(files));
    const before = hub.asked.length;
    const { id } = (await askImport(people.admin, { model: "northbank/cards", source })).body;
    await ended(people.admin, id);
    expect(hub.asked.slice(before).map(({ authorization }) => authorization)).toEqual(hub.asked.slice(before).map(() => undefined));
  });

  it("no one names a hub that the operator did not open, nor a secret", async () => {
    const closed = await askImport(people.engineer, {
      model: "foundation/base",
      source: { ...source, endpoint: "http://169.254.169.254/latest" },
    });
    expect([closed.status, closed.body.errors]).toMatchObject([422, [{ code: "source_closed", pointer: "/source/endpoint" }]]);
    const secret = await people.engineer.post(paths.imports(), { model: "foundation/base", source: { ...source, token: "hf_x" } });
    expect([secret.status, secret.body.errors]).toMatchObject([400, [{ code: "unknown_field", pointer: "/source/token" }]]);
    for (const repo of ["../x", "a/b/c", "a--b/c", "org/model.git", "org/.."]) {
      expect((await people.engineer.post(paths.imports(), { model: "foundation/base", source: { ...source, repo } })).status).toBe(400);
    }
  });
});

it("the same request with the same key is one import", async () => {
  hub.push(asCommit(aCheckpoint(100, "once")));
  const model = await aLine();
  const headers = { "idempotency-key": "import-once" };
  const [first, second] = [
    await askImport(people.engineer, { model, source }, headers),
    await askImport(people.engineer, { model, source }, headers),
  ];
  expect([second.status, second.body.id, second.headers.get("idempotent-replayed")]).toEqual([201, first.body.id, "true"]);
  await ended(people.engineer, first.body.id);
  expect(await versionsOf(platform, model)).toHaveLength(1);
  expect((await people.engineer.get(`${paths.imports()}?filter[model]=${model}`)).body.data).toHaveLength(1);
});

it("several at once take turns: two in this process, and all get done", async () => {
  hub.push(asCommit(aCheckpoint(100_000, "turns")));
  hub.behaviour.slow = 60;
  const model = await aLine();
  const asked = await Promise.all(Array.from({ length: 5 }, () => askImport(people.engineer, { model, source })));
  const held: number[] = [];
  await until(async () => {
    const [row] = await asSystem<{ held: number; open: number }>(
      platform,
      `select count(*) filter (where lease_until > now())::int as held, count(*)::int as open
       from imports where state in ('resolving', 'transferring')`,
    );
    held.push(row?.held ?? 0);
    return row?.open === 0;
  }, "all five");
  expect(Math.max(...held)).toBe(2);
  const states = await Promise.all(asked.map(async ({ body }) => (await importOf(people.engineer, body.id)).state));
  expect(states).toEqual(asked.map(() => "done"));
  expect(await versionsOf(platform, model)).toHaveLength(5);
});
