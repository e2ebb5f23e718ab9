import { type CreateJobInput, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster } from "../../test/hand-run.js";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset } from "../../test/registry-fixtures.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { Admission } from "../tuning/advance/admission.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let rows: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await aCluster(platform, 4);
  const chat = JSON.stringify({
    messages: [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
  });
  rows = await dataset(people.member, "northbank/dialogues", `${chat}\n`, "chat");
});
afterAll(() => platform?.close());

const codes = (answer: Answer): string[] => (answer.body.errors ?? []).map(({ code }: { code: string }) => code);
const set = (policy: object, revision: number, client: Client = platform.admin): Promise<Answer> =>
  client.put(paths.scheduling(), { policy, revision, reason: "test" });

describe("the policy", () => {
  it("has defaults until an administrator of the platform sets one, and keeps what was set before", async () => {
    const first = await people.engineer.get(paths.scheduling());
    expect(first.body).toMatchObject({
      revision: 0,
      setBy: null,
      policy: { halfLifeHours: 24, weights: {}, floors: [], maxPreemptions: 3 },
    });
    const floors = [{ tier: "institution", share: 0.5 }];
    expect((await set({ weights: { northbank: 2 }, floors }, 0)).body).toMatchObject({
      ...{ revision: 1, reason: "test" },
      policy: { weights: { northbank: 2 }, floors: [{ tier: "institution", share: 0.5, cluster: null }], halfLifeHours: 24 },
    });
    expect((await set({}, 1)).body).toMatchObject({ revision: 2 });
    const kept = await asSystem<{ revision: number }>(platform, "select revision from scheduling_policies order by revision");
    expect(kept).toEqual([{ revision: 1 }, { revision: 2 }]);
    await expect(asSystem(platform, "update scheduling_policies set reason = 'x'")).rejects.toThrow();
    const audited = await asSystem(platform, "select action from audit_entries where action = 'scheduling.set'");
    expect(audited).toHaveLength(2);
  });

  it("is refused where it was changed meanwhile, names what is not there, or keeps more than there is", async () => {
    expect([(await set({}, 0)).status, codes(await set({}, 0))]).toEqual([412, ["scheduling_changed"]]);
    const half = { tier: "institution", share: 0.6, cluster: null };
    const refused = await set({ weights: { nobody: 1 }, floors: [half, { ...half, tier: "finance", cluster: "moon" }] }, 2);
    expect([refused.status, codes(refused)]).toEqual([422, ["floors_exceed", "institution_unknown", "cluster_unknown"]]);
    expect((await set({ weights: { northbank: 0 } }, 2)).status).toBe(400);
    expect((await set({ halfLifeHours: -1 }, 2)).status).toBe(400);
  });

  it("is the platform's business alone", async () => {
    expect((await people.admin.get(paths.scheduling())).status).toBe(403);
    expect((await set({}, 2, people.admin)).status).toBe(403);
    expect((await set({}, 2, people.engineer)).status).toBe(403);
    expect(await platform.app.get(UnitOfWork).run(people.admin.viewer, (tx) => tx.query("select from scheduling_policies"))).toEqual([]);
  });

  it("keeps a floor free on the live queue, whatever a campaign asks for", async () => {
    expect((await set({ floors: [{ tier: "institution", share: 0.5 }] }, 2)).status).toBe(200);
    const ask = async (priority: "bulk" | "standard"): Promise<string> => {
      const job: CreateJobInput = {
        ...{ kind: "tune", model: "northbank/cards", parent: people.finance, datasets: [rows], method: "lora", priority },
      };
      const { body } = await people.member.post(paths.jobs(), job);
      await people.admin.post(paths.jobAction(body.id, "approve"), {});
      return body.id;
    };
    const campaign: string[] = [];
    for (let n = 0; n < 5; n += 1) campaign.push(await ask("bulk"));
    const admission = platform.app.get(Admission);
    expect((await admission.run()).length).toBe(2);
    const waiting = (await people.member.get(paths.job(campaign[4] ?? ""))).body;
    expect(waiting.waiting.map(({ code }: { code: string }) => code)).toContain("floor");
    const [daily, second] = [await ask("standard"), await ask("standard")];
    expect((await admission.run()).sort()).toEqual([daily, second].sort());
    expect((await set({}, 3)).status).toBe(200);
  });
});

describe("a reservation", () => {
  const hour = (n: number): string => new Date(Date.now() + n * 3_600_000).toISOString();
  const reserve = (more: object = {}, client: Client = platform.admin): Promise<Answer> =>
    client.post(paths.reservations(), {
      ...{ cluster: "local", pool: "places", units: 3, institution: "northbank", from: hour(1), until: hour(3), reason: "quarter end" },
      ...more,
    });

  it("holds places for an institution, which sees it as nobody else does, and is ended with a reason", async () => {
    const made = await reserve();
    expect([made.status, made.body]).toMatchObject([201, { institution: "northbank", tier: null, units: 3, endedAt: null }]);
    const seen = async (client: Client) =>
      (await client.get(paths.reservations())).body.data.map(({ id }: { id: string }) => id).includes(made.body.id);
    expect([await seen(people.admin), await seen(people.stranger), await seen(people.engineer)]).toEqual([true, false, true]);
    const over = await reserve({ units: 2, institution: "southbank", from: hour(2), until: hour(4) });
    expect([over.status, codes(over), over.body.errors[0].detail]).toEqual([
      409,
      ["reservation_overlap"],
      expect.stringContaining("1 left"),
    ]);
    expect((await reserve({ units: 1, institution: null, tier: "finance", from: hour(2), until: hour(4) })).status).toBe(201);
    expect((await platform.admin.post(paths.reservationEnd(made.body.id), { reason: "not needed" })).body.endedAt).not.toBeNull();
    expect(codes(await platform.admin.post(paths.reservationEnd(made.body.id), { reason: "again" }))).toEqual(["reservation_ended"]);
    expect((await reserve({ units: 2, institution: "southbank", from: hour(2), until: hour(4) })).status).toBe(201);
  });

  it("is refused for nobody, for what is not there, and backwards in time", async () => {
    expect(codes(await reserve({ institution: null }))).toEqual(["reservation_holder"]);
    expect(codes(await reserve({ institution: "nobody" }))).toEqual(["institution_unknown"]);
    expect(codes(await reserve({ pool: "h100" }))).toEqual(["reservation_pool"]);
    expect(codes(await reserve({ units: 1, from: hour(9), until: hour(8) }))).toEqual(["reservation_times"]);
    expect((await reserve({ units: 0 })).status).toBe(400);
  });

  it("is made and ended by the platform's administrators alone", async () => {
    expect((await reserve({}, people.admin)).status).toBe(403);
    const { id } = (await reserve({ units: 1, from: hour(20), until: hour(21) })).body;
    expect((await people.admin.post(paths.reservationEnd(id), { reason: "x" })).status).toBe(403);
    const asTenant = (sql: string) => platform.app.get(UnitOfWork).run(people.admin.viewer, (tx) => tx.query(sql));
    expect(await asTenant(`update reservations set units = 4 where id = '${id}' returning id`)).toEqual([]);
    await expect(asTenant(`insert into reservations select * from reservations where id = '${id}'`)).rejects.toThrow();
  });
});
