import { type CreateJobInput, type ProposeQuotaInput, paths, type QuotaLimits } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aCluster, state, takeInHand } from "../../test/hand-run.js";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, sha256 } from "../../test/registry-fixtures.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { Admission } from "../tuning/advance/admission.service.js";
import { QuotaWarnings } from "./quota-warnings.js";

const NONE: QuotaLimits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };
const stop = (at: number, warnPercent = 80) => ({ stop: at, warnPercent });
const chat = `${JSON.stringify({
  messages: [
    { role: "user", content: "a" },
    { role: "assistant", content: "b" },
  ],
})}\n`;

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let colleague: Client;
let rows: string;
let otherRows: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  colleague = await platform.addPerson("platform", "second@platform.example", "platform_admin");
  await aCluster(platform, 3);
  await people.stranger.post(paths.models(), {
    ...{ tier: "institution", namespace: "southbank", slug: "cards", name: "cards", licence: "Apache-2.0", scenario: "risk" },
  });
  rows = await dataset(people.member, "northbank/dialogues", chat, "chat");
  otherRows = await dataset(people.stranger, "southbank/dialogues", chat, "chat");
});
afterAll(() => platform?.close());

/** Nothing runs, waits, is limited or was told. */
beforeEach(async () => {
  await asSystem(platform, "update attempts set state = 'cancelled', ended_at = now() where ended_at is null");
  await asSystem(platform, "update jobs set state = 'cancelled', finished_at = now() where finished_at is null");
  await asSystem(platform, "update quotas set revision = revision + 1, limits = $1", [JSON.stringify(NONE)]);
  await asSystem(platform, "update quota_proposals set state = 'withdrawn' where state = 'pending'");
});

const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);
const tune = (more: Partial<CreateJobInput> = {}): CreateJobInput => ({
  ...{ kind: "tune", model: "northbank/cards", parent: people.finance, datasets: [rows], method: "lora" },
  ...more,
});
const ask = (client: Client = people.member, more: Partial<CreateJobInput> = {}) => client.post(paths.jobs(), tune(more));
const askSouth = () => ask(people.stranger, { model: "southbank/cards", datasets: [otherRows] });
const quotaOf = async (client: Client, slug = "northbank") => (await client.get(paths.quota(slug))).body;
const propose = async (limits: Partial<QuotaLimits>, client: Client = people.admin, more: Partial<ProposeQuotaInput> = {}) =>
  client.post(paths.quotaProposals("northbank"), {
    limits: { ...NONE, ...limits },
    revision: (await quotaOf(platform.admin)).revision,
    reason: "test",
    ...more,
  });
const decide = (id: string, action: "approve" | "reject" | "withdraw", client: Client = platform.admin, slug = "northbank") =>
  client.post(paths.quotaDecision(slug, id, action), { reason: "test" });
/** Limits that hold, by the whole way of proposal and decision. */
async function limited(limits: Partial<QuotaLimits>): Promise<void> {
  const made = await propose(limits);
  if (made.status !== 201) throw new Error(made.text);
  const done = await decide(made.body.id, "approve");
  if (done.status !== 200) throw new Error(done.text);
}
const approved = async (answer: Answer, by: Client): Promise<string> => {
  if (answer.status !== 201) throw new Error(answer.text);
  expect((await by.post(paths.jobAction(answer.body.id, "approve"), {})).status).toBe(200);
  return answer.body.id;
};
const stateOf = async (id: string) => (await asSystem<{ state: string }>(platform, "select state from jobs where id = $1", [id]))[0]?.state;

describe("a quota", () => {
  it("is absent at first: nothing is limited, and use is shown all the same", async () => {
    const quota = await quotaOf(people.stranger, "southbank");
    expect(quota).toMatchObject({
      institution: "southbank",
      revision: 0,
      limits: null,
      currency: "CNY",
      mayPropose: true,
      mayDecide: false,
    });
    expect(quota.uses.map(({ dimension, state: is }: { dimension: string; state: string }) => [dimension, is])).toEqual(
      ["gpus", "gpuHours", "money", "jobsQueued", "storageBytes"].map((dimension) => [dimension, "within"]),
    );
    expect(quota.uses[4].used).toBeGreaterThan(0);
    expect((await askSouth()).status).toBe(201);
  });

  it("refuses before queueing, with the amount over and who can raise it", async () => {
    await limited({ jobsQueued: stop(1) });
    expect((await ask()).status).toBe(201);
    const second = await ask();
    expect([second.status, second.body.code, codes(second)]).toEqual([429, "limited", ["quota_jobs_queued"]]);
    expect(second.body.errors[0].detail).toBe(
      "jobs queued: 1 wanted, 0 of 1 left, 1 over; proposed by institution_admin or platform_admin, decided by platform_admin",
    );
    const [{ n }] = (await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from jobs where institution_id = $1 and finished_at is null",
      [people.member.viewer.institutionId],
    )) as [{ n: number }];
    expect(n).toBe(1);
    expect((await askSouth()).status).toBe(201);
  });

  it("lets one of many requests have the last unit", async () => {
    await limited({ jobsQueued: stop(2) });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429, 429, 429, 429, 429]);
  });

  it("reserves what open jobs will need, and releases it with their end", async () => {
    await limited({ gpuHours: stop(1) });
    const first = await ask();
    await approved(first, people.admin);
    await asSystem(platform, "update jobs set estimate = jsonb_set(estimate, '{seconds,high}', '3600') where id = $1", [first.body.id]);
    const bar = async () => (await quotaOf(people.member)).uses[1];
    expect(await bar()).toMatchObject({ dimension: "gpuHours", used: expect.any(Number), reserved: 1, state: "full" });
    const refused = await ask();
    expect([refused.status, codes(refused)]).toEqual([429, ["quota_gpu_hours"]]);
    const plan = await people.member.post(paths.plans(), tune());
    expect(plan.body.violations.map(({ code }: { code: string }) => code)).toEqual(["quota_gpu_hours"]);
    expect(plan.body.quota).toMatchObject([{ dimension: "gpuHours", left: 0, stop: 1 }]);
    expect((await people.admin.post(paths.jobAction(first.body.id, "cancel"), {})).status).toBe(200);
    expect(await bar()).toMatchObject({ reserved: 0, state: "within" });
    const again = await ask();
    expect(again.status).toBe(201);
    await asSystem(platform, "update jobs set estimate = jsonb_set(estimate, '{seconds,high}', '3600') where id = $1", [again.body.id]);
    const retried = await people.member.post(paths.jobAction(first.body.id, "retry"), {});
    expect([retried.status, codes(retried)]).toEqual([429, ["quota_gpu_hours"]]);
  });

  it("stops at the budget by the price that holds", async () => {
    const price = await platform.admin.post(paths.prices(), { subject: "cluster:local", amount: 360_000, reason: "list of 2026" });
    expect(price.status).toBe(201);
    await limited({ money: stop(1) });
    const refused = await ask();
    expect([refused.status, codes(refused)]).toEqual([429, ["quota_money"]]);
    const plan = (await people.member.post(paths.plans(), tune())).body;
    expect(plan.cost).toEqual({
      currency: "CNY",
      low: Math.round(plan.estimate.seconds.low * 100),
      high: Math.round(plan.estimate.seconds.high * 100),
    });
    await limited({ money: stop(1_000_000) });
    expect((await ask()).status).toBe(201);
    expect((await quotaOf(people.member)).uses[2]).toMatchObject({ dimension: "money", reserved: plan.cost.high });
  });
});

describe("places at once", () => {
  it("are kept to by admission, and the job says that it waits for quota, of how much and who can raise it", async () => {
    await limited({ gpus: stop(1) });
    const [one, two] = [await approved(await ask(), people.admin), await approved(await ask(), people.admin)];
    const other = await approved(await askSouth(), await southApprover());
    await platform.app.get(Admission).run();
    expect([await stateOf(one), await stateOf(two), await stateOf(other)]).toEqual(["scheduled", "queued", "scheduled"]);
    const { waiting } = (await people.member.get(paths.job(two))).body;
    expect(waiting).toEqual([
      {
        ...{ code: "quota", wanted: 1, available: 0, until: null, who: "institution_admin" },
        detail: expect.stringContaining("1 of 1 in use"),
      },
    ]);
    expect((await quotaOf(people.member)).uses[0]).toMatchObject({ used: 1, borrowed: 0, percent: 100, state: "full" });
    await limited({ gpus: stop(2) });
    await platform.app.get(Admission).run();
    expect(await stateOf(two)).toBe("scheduled");
  });

  it("refuse a job that could never start", async () => {
    await limited({ gpus: stop(0) });
    expect(codes(await ask())).toEqual(["quota_gpus"]);
  });

  it("are borrowed while nobody within theirs waits, and given back by not starting more", async () => {
    await limited({ gpus: stop(1), mayBorrow: true });
    const mine: string[] = [];
    for (let n = 0; n < 3; n += 1) mine.push(await approved(await ask(), people.admin));
    const south = await approved(await askSouth(), await southApprover());
    await platform.app.get(Admission).run();
    // Three places: one of their own, one of the other's, and one that nobody else waits for.
    expect([...(await Promise.all(mine.map(stateOf))), await stateOf(south)]).toEqual(["scheduled", "scheduled", "queued", "scheduled"]);
    expect((await quotaOf(people.member)).uses[0]).toMatchObject({ used: 2, borrowed: 1 });
    const later = await approved(await askSouth(), await southApprover());
    await asSystem(platform, "update attempts set state = 'cancelled', ended_at = now() where job_id = $1", [south]);
    await platform.app.get(Admission).run();
    expect([await stateOf(mine[2] ?? ""), await stateOf(later)]).toEqual(["queued", "scheduled"]);
  });
});

describe("storage", () => {
  const put = (bytes: Uint8Array, client: Client = people.member) => client.put(paths.blob(sha256(bytes)), bytes);
  it("refuses bytes before they are taken, in one piece or in parts, and takes what fits", async () => {
    const used = (await quotaOf(people.member)).uses[4].used;
    await limited({ storageBytes: stop(used + 10) });
    const large = Buffer.from("x".repeat(11));
    expect([(await put(large)).status, codes(await put(large))]).toEqual([429, ["quota_storage"]]);
    const part = await people.member.put(paths.blob(sha256(large)), large.subarray(0, 4), { "content-range": "bytes 0-3/11" });
    expect([part.status, codes(part)]).toEqual([429, ["quota_storage"]]);
    expect((await put(Buffer.from("y".repeat(10)))).status).toBe(201);
    expect((await quotaOf(people.member)).uses[4]).toMatchObject({ used: used + 10, state: "full" });
    expect(codes(await ask())).toEqual(["quota_storage"]);
    expect((await put(Buffer.from("y".repeat(10)))).status).toBe(200);
    expect((await put(large, people.stranger)).status).toBe(201);
  });

  it("refuses what came in between two others, and what does not say how long it is", async () => {
    const used = (await quotaOf(people.member)).uses[4].used;
    await limited({ storageBytes: stop(used + 10) });
    const answers = await Promise.all(["a", "b", "c", "d"].map((letter) => put(Buffer.from(letter.repeat(7)))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 429, 429, 429]);
    const bytes = "e".repeat(500);
    const response = await fetch(platform.url + paths.blob(sha256(bytes)), {
      method: "PUT",
      headers: { ...people.member.headers, "content-type": "application/octet-stream" },
      body: new Blob([bytes]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(429);
  });

  it("does not stop the result of a job that was let in", async () => {
    const id = await approved(await ask(), people.admin);
    const run = await takeInHand(platform, id);
    await run.events(state(1, "running"));
    const used = (await quotaOf(people.member)).uses[4].used;
    await limited({ storageBytes: stop(used) });
    expect(await run.upload(Buffer.from(`result of ${id}`))).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a change", () => {
  it("shows its effect first, and what was shown is what comes", async () => {
    await limited({ gpus: stop(3) });
    const ids = [await approved(await ask(), people.admin), await approved(await ask(), people.admin)];
    const before = await quotaOf(people.admin);
    const effect = (await people.admin.post(paths.quotaPreview("northbank"), { limits: { ...NONE, gpus: stop(1) } })).body;
    expect(effect).toMatchObject({ revision: before.revision, wouldWait: [ids[1]], wouldStart: [], runningAbove: 0 });
    expect(effect.before).toEqual(before.uses);
    expect(effect.after[0].limit).toEqual(stop(1));
    expect((await quotaOf(people.admin)).limits.gpus).toEqual(stop(3));
    await limited({ gpus: stop(1) });
    await platform.app.get(Admission).run();
    expect(await Promise.all(ids.map(stateOf))).toEqual(["scheduled", "queued"]);
    const back = (await people.admin.post(paths.quotaPreview("northbank"), { limits: { ...NONE, gpus: stop(2) } })).body;
    expect(back).toMatchObject({ wouldWait: [], wouldStart: [ids[1]] });
    const none = (await people.admin.post(paths.quotaPreview("northbank"), { limits: { ...NONE, gpus: stop(0), jobsQueued: stop(0) } }))
      .body;
    expect(none.runningAbove).toBe(1);
    expect(none.refusals.map(({ code }: { code: string }) => code)).toEqual(["quota_gpus", "quota_jobs_queued"]);
  });

  it("is proposed by one and decided by another, whatever their roles", async () => {
    const made = await propose({ gpus: stop(5) }, platform.admin);
    expect(made.body).toMatchObject({ state: "pending", isStale: false, proposedBy: expect.any(String) });
    const own = await decide(made.body.id, "approve");
    expect([own.status, codes(own)]).toEqual([403, ["cannot_approve"]]);
    expect((await decide(made.body.id, "reject")).status).toBe(403);
    expect((await decide(made.body.id, "approve", people.admin)).status).toBe(403);
    expect((await decide(made.body.id, "approve", colleague)).body).toMatchObject({ state: "approved", decidedBy: "second" });
    expect((await quotaOf(people.member)).limits.gpus).toEqual(stop(5));
    const twice = await decide(made.body.id, "approve", colleague);
    expect([twice.status, codes(twice)]).toEqual([409, ["cannot_approve"]]);
    const told = (await people.admin.get(paths.notices())).body.data.filter(({ kind }: { kind: string }) => kind === "quota_decided");
    expect(told[0]).toMatchObject({ subject: "northbank", reason: "approved by second: test" });
    const audited = await asSystem<{ action: string }>(platform, "select action from audit_entries where object = $1 order by id", [
      made.body.id,
    ]);
    expect(audited.map(({ action }) => action)).toEqual(["quota.propose", "quota.approve"]);
  });

  it("is approved once by many at a time", async () => {
    const { body } = await propose({ gpus: stop(6) });
    const answers = await Promise.all([platform.admin, colleague, platform.admin, colleague].map((by) => decide(body.id, "approve", by)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it("is not decided by the same person through an account elsewhere", async () => {
    const [there, here] = [
      await platform.addPerson("northbank", "both@hats.example", "institution_admin"),
      await platform.addPerson("platform", "both@hats.example", "platform_admin"),
    ];
    const made = await propose({ gpus: stop(9) }, there);
    const own = await decide(made.body.id, "approve", here);
    expect([own.status, codes(own)]).toEqual([403, ["cannot_approve"]]);
    const seen = (await here.get(paths.quotaProposals("northbank"))).body.data[0];
    expect(seen.moves.find(({ action }: { action: string }) => action === "approve")).toMatchObject({ allowed: false });
    expect((await decide(made.body.id, "withdraw", there)).status).toBe(200);
  });

  it("is withdrawn, rejected and listed with its history", async () => {
    const first = (await propose({ gpus: stop(7) })).body;
    expect(codes(await propose({ gpus: stop(8) }))).toEqual(["quota_pending"]);
    expect((await decide(first.id, "withdraw", people.admin)).body).toMatchObject({ state: "withdrawn" });
    const second = (await propose({ gpus: stop(8) })).body;
    expect((await decide(second.id, "reject", colleague)).body).toMatchObject({ state: "rejected", decisionReason: "test" });
    const { data } = (await people.member.get(paths.quotaProposals("northbank"))).body;
    expect(data.slice(0, 2).map(({ id, state: is }: { id: string; state: string }) => [id, is])).toEqual([
      [second.id, "rejected"],
      [first.id, "withdrawn"],
    ]);
    const open = await people.member.get(`${paths.quotaProposals("northbank")}?filter[state]=pending&include=total`);
    expect(open.body).toMatchObject({ data: [], total: 0 });
  });

  it("is refused when the quota was changed since it was looked at, or since it was proposed", async () => {
    const { revision } = await quotaOf(people.admin);
    await limited({ gpus: stop(4) });
    const late = await propose({ gpus: stop(9) }, people.admin, { revision });
    expect([late.status, codes(late)]).toEqual([412, ["quota_changed"]]);
    const made = (await propose({ gpus: stop(9) })).body;
    await asSystem(platform, "update quotas set revision = revision + 1");
    const stale = await decide(made.id, "approve", colleague);
    expect([stale.status, codes(stale)]).toEqual([412, ["quota_changed"]]);
    expect((await quotaOf(people.admin)).limits.gpus).toEqual(stop(4));
  });

  it("is refused where it is nonsense, with the field", async () => {
    const refused = async (limits: unknown) => {
      const answer = await people.admin.post(paths.quotaProposals("northbank"), { limits, revision: 1, reason: "x" });
      return [answer.status, answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)];
    };
    expect(await refused({ ...NONE, gpus: stop(-1) })).toEqual([400, ["/limits/gpus/stop"]]);
    expect(await refused({ ...NONE, money: stop(1.5), gpuHours: stop(1, 0) })).toEqual([
      400,
      ["/limits/gpuHours/warnPercent", "/limits/money/stop"],
    ]);
    expect(await refused({ ...NONE, storageBytes: stop(1, 101) })).toEqual([400, ["/limits/storageBytes/warnPercent"]]);
    expect(await refused({ ...NONE, elephants: stop(1) })).toEqual([400, ["/limits/elephants"]]);
    await limited({ gpus: stop(2) });
    expect(codes(await propose({ gpus: stop(2) }))).toEqual(["quota_unchanged"]);
    const home = await platform.admin.post(paths.quotaProposals("platform"), { limits: NONE, revision: 0, reason: "x" });
    expect(codes(home)).toEqual(["quota_home"]);
  });

  it("is nobody else's business", async () => {
    const { body } = await propose({ gpus: stop(11) });
    for (const path of [paths.quota("northbank"), paths.quotaProposals("northbank")])
      expect((await people.stranger.get(path)).status).toBe(404);
    expect((await people.stranger.post(paths.quotaPreview("northbank"), { limits: NONE })).status).toBe(404);
    expect((await propose({ gpus: stop(12) }, people.stranger)).status).toBe(404);
    expect((await decide(body.id, "withdraw", people.stranger)).status).toBe(404);
    expect((await decide(body.id, "withdraw", people.stranger, "southbank")).status).toBe(404);
    expect((await propose({ gpus: stop(12) }, people.member)).status).toBe(403);
    const asTenant = (sql: string) => platform.app.get(UnitOfWork).run(people.admin.viewer, (tx) => tx.query(sql));
    await expect(asTenant(`update quota_proposals set state = 'approved', decided_by = 'x' where id = '${body.id}'`)).rejects.toThrow(
      "row-level",
    );
    expect(await asTenant("update quotas set limits = '{}' returning institution_id")).toEqual([]);
    expect(await asTenant("select from quotas where institution_id <> app_institution()")).toEqual([]);
    await expect(asTenant(`delete from quota_proposals where id = '${body.id}'`)).rejects.toThrow();
  });
});

it("warns once for each threshold and month, and again when the hard stop is reached", async () => {
  const warnings = platform.app.get(QuotaWarnings);
  await limited({ jobsQueued: stop(4, 50) });
  const month = (n: number) => new Date(Date.UTC(2031, n, 15));
  const told = async () =>
    (await people.admin.get(paths.notices())).body.data.filter(({ kind }: { kind: string }) => /quota_(warning|full)/.test(kind));
  const before = (await told()).length;
  expect(await warnings.run(month(0))).toBe(0);
  await ask();
  await ask();
  expect([await warnings.run(month(0)), await warnings.run(month(0))]).toEqual([1, 0]);
  await ask();
  expect(await warnings.run(month(0))).toBe(0);
  await ask();
  expect(await warnings.run(month(0))).toBe(1);
  expect(await warnings.run(month(1))).toBe(1);
  const all = await told();
  expect(all.length - before).toBe(3);
  expect(all.slice(0, 3).map(({ kind }: { kind: string }) => kind)).toEqual(["quota_full", "quota_full", "quota_warning"]);
  expect(all[2]).toMatchObject({ subject: "northbank", reason: "jobsQueued 2031-01: 50 % of 4 (2 used, 0 reserved)" });
});

let south: Client | null = null;
async function southApprover(): Promise<Client> {
  south ??= await platform.addPerson("southbank", "second@south.example", "institution_admin");
  return south;
}
