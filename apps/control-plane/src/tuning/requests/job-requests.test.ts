import { type CreateJobInput, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster, metric, takeInHand } from "../../../test/hand-run.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { jobOf, pretraining, request, stubOrders } from "../../../test/jobs-bench.js";
import { aPyramid, dataset, draft } from "../../../test/registry-fixtures.js";
import { Admission } from "../advance/admission.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let data: string;

const CHAT = `${JSON.stringify({
  messages: [
    { role: "user", content: "hi" },
    { role: "assistant", content: "hello" },
  ],
})}\n`;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  data = await dataset(people.member, "northbank/dialogues", CHAT, "chat");
});
afterAll(() => platform.close());

const tuning = (more: Partial<CreateJobInput> = {}): CreateJobInput => ({
  kind: "tune",
  model: "northbank/cards",
  parent: people.finance,
  method: "lora",
  datasets: [data],
  ...more,
});
const codes = (body: { errors: { code: string }[] }) => body.errors.map(({ code }) => code).sort();

describe("asking for a job", () => {
  it("answers every broken rule at once, with the fields at fault", async () => {
    const { body, status } = await people.member.post(
      paths.jobs(),
      tuning({
        parent: people.foundation,
        method: "continued",
        kind: "tune",
        datasets: ["northbank/nowhere@1"],
        evaluateOn: [data, data],
        hyperparameters: { learningRate: 5, surprise: 1 },
      }),
    );
    expect(status).toBe(422);
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer);
    for (const pointer of ["/method", "/parent", "/datasets/0", "/evaluateOn/1", "/hyperparameters/learningRate"])
      expect(pointers).toContain(pointer);
    expect(JSON.stringify(body.errors)).toContain("surprise");
  });

  it("refuses parents of the wrong tier, drafts, and models and data nobody may see, in one voice for absent and foreign", async () => {
    const wrongTier = await people.member.post(paths.jobs(), tuning({ parent: people.foundation }));
    expect(codes(wrongTier.body)).toContain("parent_tier");
    const unreleased = (
      await draft(people.engineer, "finance/ledger", { parents: [{ version: people.foundation, relation: "pretrained_from" }] })
    ).body.ref;
    expect(codes((await people.member.post(paths.jobs(), tuning({ parent: unreleased }))).body)).toEqual(["parent_unknown"]);
    const foreignData = await dataset(people.stranger, "southbank/secrets", CHAT, "chat");
    const foreign = await people.member.post(paths.jobs(), tuning({ datasets: [foreignData] }));
    const absent = await people.member.post(paths.jobs(), tuning({ datasets: ["southbank/nothing@1"] }));
    const said = ({ body }: typeof foreign) =>
      JSON.stringify(body.errors).replaceAll(foreignData, "X").replaceAll("southbank/nothing@1", "X");
    expect(said(foreign)).toBe(said(absent));
    expect((await people.stranger.post(paths.jobs(), tuning())).body.errors[0].code).toBe("model_unknown");
  });

  it("is refused to those who may not ask for this line", async () => {
    expect((await people.member.post(paths.jobs(), pretraining("foundation/base", data))).status).toBe(403);
    const auditor = await platform.addPerson("northbank", "auditor@north.example", "auditor");
    expect((await auditor.post(paths.jobs(), tuning())).status).toBe(403);
  });

  it("twice with one key makes one job, and the key serves no other request", async () => {
    const key = { "idempotency-key": "one-wish" };
    const first = await people.member.post(paths.jobs(), tuning(), key);
    const second = await people.member.post(paths.jobs(), tuning(), key);
    expect([first.status, second.status, second.body.id]).toEqual([201, 201, first.body.id]);
    expect((await people.member.post(paths.jobs(), tuning({ seed: 2 }), key)).body.code).toBe("idempotency_key_reused");
  });

  it("as a plan says what would happen and writes nothing", async () => {
    const before = await asSystem(platform, "select id from jobs");
    const plan = await people.member.post(paths.plans(), tuning());
    expect(plan.body).toMatchObject({ needsApproval: true, violations: [], estimate: { basis: expect.any(String) } });
    const broken = await people.member.post(paths.plans(), tuning({ parent: people.foundation }));
    expect([broken.status, broken.body.violations.length > 0]).toEqual([200, true]);
    expect(await asSystem(platform, "select id from jobs")).toHaveLength(before.length);
  });
});

describe("approval", () => {
  it("comes from an admin of the institution who did not ask, and from nobody else", async () => {
    const approve = (client: Client, id: string) => client.post(paths.jobAction(id, "approve"), {});
    const byMember = await request(people.member, tuning());
    expect(byMember).toMatchObject({ state: "awaiting_approval", waiting: [{ code: "approval" }] });
    expect((await approve(people.member, byMember.id)).status).toBe(403);
    expect((await approve(people.stranger, byMember.id)).status).toBe(404);
    expect((await approve(platform.admin, byMember.id)).status).toBe(403);
    const byAdmin = await request(people.admin, tuning());
    const own = await approve(people.admin, byAdmin.id);
    expect([own.status, own.body.errors[0].code]).toEqual([403, "cannot_approve"]);
    expect((await jobOf(people.admin, byAdmin.id)).moves.find(({ action }) => action === "approve")).toMatchObject({ allowed: false });
    const approved = await approve(people.admin, byMember.id);
    expect(approved.body).toMatchObject({ state: "queued", approvals: [{ name: "admin" }], waiting: [] });
    expect((await approve(people.admin, byMember.id)).status).toBe(409);
    const [entry] = await asSystem<{ actor_name: string }>(
      platform,
      "select actor_name from audit_entries where object = $1 and action = 'job.approve'",
      [byMember.id],
    );
    expect(entry?.actor_name).toBe("admin");
  });

  it("given twice at once is given once", async () => {
    const second = await platform.addPerson("northbank", "second@north.example", "institution_admin");
    const { id } = await request(people.member, tuning());
    const answers = await Promise.all(
      [people.admin, second, people.admin].map((client) => client.post(paths.jobAction(id, "approve"), {})),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it("is not slipped past by cancelling and retrying", async () => {
    const { id } = await request(people.member, tuning());
    await people.member.post(paths.jobAction(id, "cancel"), {});
    expect((await people.member.post(paths.jobAction(id, "retry"), {})).status).toBe(409);
  });

  it("is not asked for scoring", async () => {
    const job = await request(people.member, { kind: "evaluate", model: "northbank/cards", parent: people.finance, datasets: [data] });
    expect(job.state).toBe("queued");
  });
});

describe("an institution's job", () => {
  it("does not exist for other institutions, by whatever door", async () => {
    const { id } = await request(people.member, tuning({ reason: "our secret" }));
    const absent = "job_00000000000000000000000000000000";
    for (const path of [paths.job, paths.jobLogs, paths.jobMetrics, paths.jobEvents]) {
      const [foreign, nothing] = [await people.stranger.get(path(id)), await people.stranger.get(path(absent))];
      expect([foreign.status, foreign.body.detail]).toEqual([404, nothing.body.detail]);
    }
    for (const action of ["cancel", "pause", "resume", "retry", "approve"]) {
      expect((await people.stranger.post(paths.jobAction(id, action), {})).status).toBe(404);
    }
    const list = await people.stranger.get(`${paths.jobs()}?include=total&filter[model]=northbank/cards`);
    expect(list.body).toMatchObject({ data: [], total: 0 });
  });

  it("is metadata for the platform's people: what it said stays at home", async () => {
    await aCluster(platform).catch(() => undefined);
    const { id } = await request(people.member, { kind: "evaluate", model: "northbank/cards", parent: people.finance, datasets: [data] });
    await (await takeInHand(platform, id)).events(metric(1, 1, 1));
    expect((await people.engineer.get(paths.job(id))).status).toBe(200);
    for (const path of [paths.jobLogs, paths.jobMetrics, paths.jobEvents]) expect((await people.engineer.get(path(id))).status).toBe(404);
    expect((await people.engineer.post(paths.jobAction(id, "cancel"), {})).status).toBe(403);
    expect((await people.member.get(paths.jobMetrics(id))).body.series).toHaveLength(1);
  });

  it("is found by state, kind and line, page by page without gap or double", async () => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const more: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await people.member.get(`${paths.jobs()}?limit=3&filter[kind]=tune&filter[model]=northbank/cards${more}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    const rows = await asSystem<{ id: string }>(platform, "select id from jobs where kind = 'tune' order by id desc");
    expect(seen).toEqual(rows.map(({ id }) => id));
    const open = await people.member.get(`${paths.jobs()}?filter[open]=false`);
    expect(open.body.data.every(({ state }: { state: string }) => ["succeeded", "failed", "cancelled"].includes(state))).toBe(true);
    expect((await people.member.get(`${paths.jobs()}?filter[state]=asleep`)).status).toBe(400);
  });
});

describe("admission", () => {
  it("by many at once never gives a place twice, and keeps the order of asking", async () => {
    const own = await startPlatform();
    try {
      const engineer = await own.addPerson("platform", "e@platform.example", "platform_engineer");
      await aCluster(own, 2);
      await engineer.post(paths.models(), { namespace: "foundation", slug: "base", tier: "foundation", name: "base", licence: "MIT" });
      const rows = await stubOrders(engineer, {});
      const jobs = [];
      for (let n = 0; n < 5; n += 1) jobs.push(await request(engineer, pretraining("foundation/base", rows)));
      await Promise.all(Array.from({ length: 8 }, () => own.app.get(Admission).run()));
      const now = await Promise.all(jobs.map(({ id }) => jobOf(engineer, id)));
      expect(now.map(({ state }) => state)).toEqual(["scheduled", "scheduled", "queued", "queued", "queued"]);
      expect(now.map(({ position }) => position)).toEqual([null, null, 1, 2, 3]);
      expect(now[2]).toMatchObject({
        waiting: [{ code: "capacity", wanted: 1, available: 0 }],
        startRange: { earliest: expect.any(String) },
      });
      await asSystem(own, "update clusters set healthy = false, reason = 'The training environment is being made.'");
      await own.app.get(Admission).run();
      expect((await jobOf(engineer, now[2]?.id ?? "")).waiting).toMatchObject([
        { code: "cluster_unhealthy", detail: expect.stringContaining("being made") },
      ]);
      const shown = await engineer.get(paths.clusters());
      expect(shown.body.data).toMatchObject([{ healthy: false, reason: "The training environment is being made.", used: 2 }]);
    } finally {
      await own.close();
    }
  });
});
