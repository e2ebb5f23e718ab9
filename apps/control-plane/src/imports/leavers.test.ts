import { paths, type RunningWork } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aCheckpoint, askImport, ended, hasFiles, importOf } from "../../test/import-fixtures.js";
import { until } from "../../test/jobs-bench.js";
import { aPyramid } from "../../test/registry-fixtures.js";
import { type StandInHub, standInHub } from "../../test/stand-in-hub.js";

let hub: StandInHub;
let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let count = 0;
let files: Readonly<Record<string, Buffer>>;
const source = { kind: "huggingface", repo: "org/model" } as const;

beforeAll(async () => {
  hub = await standInHub();
  platform = await startPlatform({ role: "all", env: { HF_ENDPOINT: hub.url } });
  people = await aPyramid(platform);
});
afterAll(async () => {
  await platform?.close();
  await hub?.close();
});
beforeEach(() => {
  count += 1;
  files = aCheckpoint(300_000, `leaver ${count}`);
  hub.push(Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, { bytes, lfs: path.endsWith(".safetensors") }])));
  hub.behaviour.slow = 100;
});
afterEach(() => {
  hub.behaviour.slow = 0;
});

const aMember = (...roles: readonly ("institution_member" | "institution_admin" | "auditor")[]) =>
  platform.addPerson("northbank", `leaver-${count}@north.example`, ...(roles.length > 0 ? roles : (["institution_member"] as const)));
/** An import of theirs that has brought some bytes and wants more. */
async function underWay(client: Client): Promise<string> {
  const asked = await askImport(client, { model: "northbank/cards", source, seal: false });
  expect(asked.status, asked.text).toBe(201);
  await until(async () => (await importOf(people.admin, asked.body.id)).bytes.done > 100_000, "some bytes");
  return asked.body.id;
}
const goesOn = async (id: string) => {
  hub.behaviour.slow = 0;
  const done = await ended(people.admin, id);
  expect([done.state, done.failure]).toEqual(["done", null]);
  await hasFiles(people.admin, done.version, files);
  return done;
};
const remove = async (client: Client) =>
  expect((await people.admin.delete(paths.member("northbank", client.viewer.userId))).status).toBe(204);
const work = async (query = "", client = people.admin): Promise<RunningWork[]> =>
  (await client.get(`${paths.runningWork()}${query}`)).body.data;
const entriesOf = (id: string, version: string | null) =>
  asSystem<{ action: string; actor_id: string; actor_name: string }>(
    platform,
    "select action, actor_id, actor_name from audit_entries where object in ($1, $2) order by id",
    [id, version],
  );

describe("an import that is under way", () => {
  it("goes on when the token that began it is revoked, and nothing new begins by that token", async () => {
    const client = await aMember();
    const id = await underWay(client);
    const held = (await people.admin.get(`${paths.accessReview()}?limit=200`)).body.data.find(
      ({ user }: { user: string }) => user === client.viewer.userId,
    );
    const [token] = held.credentials.tokens;
    expect((await people.admin.delete(paths.memberToken("northbank", client.viewer.userId, token.id))).status).toBe(204);
    expect((await askImport(client, { model: "northbank/cards", source })).status).toBe(401);
    expect((await client.post(paths.importAction(id, "cancel"))).status).toBe(401);
    const done = await goesOn(id);
    for (const { action, actor_id } of await entriesOf(id, done.version)) {
      if (action !== "import.move") expect([action, actor_id]).toEqual([action, client.viewer.userId]);
    }
  });

  it("goes on when its starter is removed, in the institution's name; the log says for whom, and they approve it no more than before", async () => {
    const client = await aMember("institution_member");
    const id = await underWay(client);
    await remove(client);
    const done = await goesOn(id);
    const entries = await entriesOf(id, done.version);
    expect(entries.find(({ action }) => action === "import.request")).toMatchObject({ actor_id: client.viewer.userId });
    expect(entries.find(({ action }) => action === "version.draft")).toEqual({
      action: "version.draft",
      actor_id: "system",
      actor_name: `northbank, for ${client.viewer.name}`,
    });
    const kept = await asSystem<{ kind: string; account: string }>(
      platform,
      "select c.kind, c.account from contributions c join imports i on i.version_id = c.object_id where i.id = $1",
      [id],
    );
    expect(kept).toEqual([{ kind: "registered", account: client.viewer.userId }]);
    expect((await people.admin.get(paths.version(done.version ?? ""))).body.createdBy).toBe(`northbank, for ${client.viewer.name}`);
  });

  it("goes on when its starter may draft nothing any more, and where a role of the institution's own let them", async () => {
    const client = await aMember();
    const id = await underWay(client);
    expect((await people.admin.patch(paths.member("northbank", client.viewer.userId), { roles: ["auditor"] })).status).toBe(200);
    expect((await askImport(client, { model: "northbank/cards", source })).status).toBe(403);
    await goesOn(id);

    const role = { name: `Importers ${count}`, scopes: ["models:read", "models:write"] };
    const { body } = await people.admin.post(paths.roles("northbank"), role);
    const email = `custom-${count}@north.example`;
    const made = await people.admin.post(paths.members("northbank"), {
      email,
      name: "Custom",
      roles: [],
      customRoles: [body.id],
      password: "a long enough password",
    });
    expect(made.status, made.text).toBe(201);
    const custom = await platform.as(email);
    hub.behaviour.slow = 100;
    await goesOn(await underWay(custom));
  });

  it("is gone on with by an administrator's retry after it failed, although its starter has left", async () => {
    const client = await aMember();
    const id = await underWay(client);
    await people.admin.post(paths.importAction(id, "cancel"));
    await remove(client);
    expect((await people.admin.post(paths.importAction(id, "retry"))).status).toBe(200);
    await goesOn(id);
  });

  it("obeys the rules about what it brings, whoever finishes it", async () => {
    const client = await aMember();
    const parents = [{ version: people.finance, relation: "finetuned_from" as const }];
    const asked = await askImport(client, { model: "northbank/cards", source, parents, artifactKind: "adapter" });
    const again = await askImport(client, { model: "northbank/nothing", source });
    expect([asked.status, again.status]).toEqual([422, 422]);
  });
});

describe("what still runs in somebody's name", () => {
  it("is listed for who removes them, and for reviews afterwards, until it is over or cancelled", async () => {
    hub.behaviour.slow = 1500;
    const client = await aMember();
    const id = await underWay(client);
    const other = await underWay(people.member);
    const byUser = `?filter[user]=${client.viewer.userId}`;
    const mine = { kind: "import", id, model: "northbank/cards", state: "transferring", cancel: { allowed: true, reason: null } };
    expect(await work(byUser)).toMatchObject([
      { ...mine, begunBy: { id: client.viewer.userId, name: client.viewer.name, hasLeft: false } },
    ]);
    expect((await work()).map((one) => one.id).sort()).toEqual([id, other].sort());
    expect(await work("?filter[left]=true")).toEqual([]);
    await remove(client);
    expect(await work(byUser)).toMatchObject([{ ...mine, begunBy: { hasLeft: true } }]);
    expect((await people.admin.get(`${paths.runningWork()}?filter[left]=true&include=total&limit=1`)).body).toMatchObject({
      total: 1,
      data: [mine],
      nextCursor: null,
    });
    expect((await people.admin.post(paths.importAction(id, "cancel"), { reason: "left" })).status).toBe(200);
    expect(await work("?filter[left]=true")).toEqual([]);
    hub.behaviour.slow = 0;
    await ended(people.admin, other);
    expect(await work()).toEqual([]);
  });

  it("counts a job once with what it ordered, and says to whom may not end it why", async () => {
    const client = await aMember();
    const at = "now()";
    const [model] = await asSystem<{ id: string; institution_id: string }>(
      platform,
      "select m.id, m.institution_id from models m where m.slug = 'cards'",
    );
    const job = (id: string, state: string, orderedBy: string | null) =>
      asSystem(
        platform,
        `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, reason, state, requested_by, requested_by_name,
           ordered_by_job_id, due_at, created_at)
         values ($1, $2, $3, 'tune', 'lora', 'institution', '{}', 1, '', $4, $5, 'Leaver', $6, null, ${at})`,
        [id, model?.institution_id, model?.id, state, client.viewer.userId, orderedBy],
      );
    const [first, second, third] = ["1", "2", "3"].map((digit) => `job_${digit.repeat(32)}`);
    await job(first ?? "", "evaluating", null);
    await job(second ?? "", "queued", first ?? null);
    await job(third ?? "", "succeeded", null);
    const found = await work(`?filter[user]=${client.viewer.userId}`);
    expect(found.map(({ kind, id, state }) => [kind, id, state])).toEqual([["job", first, "evaluating"]]);
    const auditor = await platform.addPerson("northbank", `auditor-${count}@north.example`, "auditor");
    const [seen] = await work(`?filter[user]=${client.viewer.userId}`, auditor);
    expect(seen?.cancel).toEqual({ allowed: false, reason: expect.stringContaining("institution_member") });
    await asSystem(platform, "update jobs set state = 'cancelled' where id = any($1)", [[first, second]]);
  });

  it("is nobody else's to read: not another institution's, not a member's", async () => {
    const foreign = await people.stranger.get(`${paths.runningWork()}?institution=northbank`);
    const absent = await people.stranger.get(`${paths.runningWork()}?institution=nowhere`);
    expect([foreign.status, foreign.body.detail]).toEqual([404, absent.body.detail]);
    expect((await people.member.get(paths.runningWork())).status).toBe(403);
    expect((await send(platform.url, "GET", paths.runningWork())).status).toBe(401);
    // The platform's people look into institutions; where imports come from is not theirs to see.
    const client = await aMember();
    const id = await underWay(client);
    expect((await platform.admin.get(`${paths.runningWork()}?institution=northbank`)).body.data).toEqual([]);
    await people.admin.post(paths.importAction(id, "cancel"));
  });
});
