import { type CreateHold, type Hold, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, sealed } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let reviewer: Client;
let task: string;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  reviewer = await platform.addPerson("northbank", "reviewer@north.example", "compliance_reviewer");
  task = await sealed(people.admin, "northbank/cards", { parents: [{ version: people.finance, relation: "finetuned_from" }] });
});
afterAll(() => platform.close());

const set = async (client: Client, hold: Partial<CreateHold>): Promise<Hold> => {
  const answer = await client.post(paths.holds(), { reason: "case 12", ...hold });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
const isHeld = async (ref: string, client = people.admin) => (await client.get(paths.version(ref))).body.isHeld;
const codes = (answer: { body: { errors?: { code: string }[] } }) => answer.body.errors?.map(({ code }) => code);
const lift = async (hold: Hold, first = reviewer, second = people.admin) => {
  await first.post(paths.holdLift(hold.id), { reason: "the case is closed" });
  return second.post(paths.holdLiftConfirm(hold.id), {});
};
const actionsOn = async (hold: Hold) =>
  (await asSystem<{ action: string }>(platform, "select action from audit_entries where object = $1 order by id", [hold.id])).map(
    ({ action }) => action,
  );

describe("a legal hold", () => {
  it("is in force at once, shows in what it holds, and is lifted by two people", async () => {
    const hold = await set(reviewer, { version: task, reference: "2026-117" });
    expect(hold).toMatchObject({
      state: "in_force",
      subject: { kind: "version", ref: task },
      reference: "2026-117",
      actions: ["ask_lift"],
    });
    expect(await isHeld(task)).toBe(true);

    const early = await people.admin.post(paths.holdLiftConfirm(hold.id), {});
    expect([early.status, codes(early)]).toEqual([409, ["hold_state"]]);
    const asked = await reviewer.post(paths.holdLift(hold.id), { reason: "the case is closed" });
    expect(asked.body).toMatchObject({ state: "lift_asked", lift: { askedBy: "reviewer" }, actions: ["withdraw_lift"] });
    expect(await isHeld(task)).toBe(true);
    const alone = await reviewer.post(paths.holdLiftConfirm(hold.id), {});
    expect([alone.status, codes(alone)]).toEqual([403, ["same_person"]]);
    expect(await isHeld(task)).toBe(true);

    expect((await people.admin.get(paths.hold(hold.id))).body.actions).toEqual(["confirm_lift", "withdraw_lift"]);
    const lifted = await people.admin.post(paths.holdLiftConfirm(hold.id), {});
    expect(lifted.body).toMatchObject({ state: "lifted", liftedBy: "admin", actions: [] });
    expect(await isHeld(task)).toBe(false);
    expect(await actionsOn(hold)).toEqual(["hold.set", "hold.ask_lift", "hold.lift"]);
    expect(codes(await people.admin.post(paths.holdLift(hold.id), { reason: "again" }))).toEqual(["hold_state"]);
  });

  it("covers a whole model, a dataset version, or everything of an institution", async () => {
    const data = await dataset(people.admin, "northbank/dialogues", '{"text":"one"}\n');
    const dataHeld = async () => (await people.admin.get(paths.datasetVersion(data))).body.isHeld;
    const onModel = await set(reviewer, { model: "northbank/cards" });
    expect([await isHeld(task), await dataHeld()]).toEqual([true, false]);
    const onData = await set(reviewer, { dataset: data });
    expect(await dataHeld()).toBe(true);
    await lift(onModel);
    await lift(onData);
    expect([await isHeld(task), await dataHeld()]).toEqual([false, false]);
    const onAll = await set(reviewer, { institution: "northbank" });
    expect([await isHeld(task), await dataHeld()]).toEqual([true, true]);
    await lift(onAll);
    expect([await isHeld(task), await dataHeld()]).toEqual([false, false]);
  });

  it("keeps its subject as long as one of several holds is in force", async () => {
    const [first, second] = [await set(reviewer, { version: task }), await set(people.admin, { version: task })];
    await lift(first);
    expect(await isHeld(task)).toBe(true);
    await lift(second, people.admin, reviewer);
    expect(await isHeld(task)).toBe(false);
  });

  it("stays when the request to lift it is withdrawn, by either of the two", async () => {
    for (const person of [reviewer, people.admin]) {
      const hold = await set(reviewer, { version: task });
      await reviewer.post(paths.holdLift(hold.id), { reason: "too soon" });
      const kept = await person.delete(paths.holdLift(hold.id));
      expect(kept.body).toMatchObject({ state: "in_force", lift: null });
      expect((await people.admin.post(paths.holdLiftConfirm(hold.id), {})).status).toBe(409);
      expect(await actionsOn(hold)).toEqual(["hold.set", "hold.ask_lift", "hold.withdraw_lift"]);
      await lift(hold);
    }
  });

  it("is lifted once, however many confirm at the same moment, and one person can never be both", async () => {
    const hold = await set(reviewer, { version: task });
    await reviewer.post(paths.holdLift(hold.id), { reason: "done" });
    const answers = await Promise.all(
      [people.admin, people.admin, reviewer].map((person) => person.post(paths.holdLiftConfirm(hold.id), {})),
    );
    expect(answers.slice(0, 2).map(({ status }) => status)).toEqual(expect.arrayContaining([200, 409]));
    expect([403, 409]).toContain(answers[2]?.status);
    expect(await actionsOn(hold)).toEqual(["hold.set", "hold.ask_lift", "hold.lift"]);
    const other = await set(reviewer, { version: task });
    await expect(
      asSystem(
        platform,
        `update legal_holds set lift_asked_by = 'usr_1', lift_asked_by_name = 'x', lift_asked_at = now(), lift_reason = 'x',
           lifted_by = 'usr_1', lifted_by_name = 'x', lifted_at = now() where id = $1`,
        [other.id],
      ),
    ).rejects.toThrow("legal_holds_two_people");
    await expect(asSystem(platform, "delete from legal_holds where id = $1", [other.id])).rejects.toThrow();
    await expect(asSystem(platform, "update legal_holds set reason = 'y' where id = $1", [other.id])).rejects.toThrow("is a record");
    await lift(other);
  });

  it("asks for a reason and for exactly one thing", async () => {
    const none = await reviewer.post(paths.holds(), { version: task, reason: "  " });
    expect([none.status, none.body.errors[0].pointer]).toEqual([400, "/reason"]);
    for (const subject of [{}, { version: task, model: "northbank/cards" }]) {
      expect((await reviewer.post(paths.holds(), { ...subject, reason: "x" })).status).toBe(400);
    }
    const hold = await set(reviewer, { version: task });
    expect((await reviewer.post(paths.holdLift(hold.id), {})).status).toBe(400);
    await lift(hold);
  });

  it("is set once for a repeated idempotency key", async () => {
    const key = { "idempotency-key": "hold-once" };
    const first = await reviewer.post(paths.holds(), { model: "northbank/cards", reason: "once" }, key);
    const again = await reviewer.post(paths.holds(), { model: "northbank/cards", reason: "once" }, key);
    expect(again.body.id).toBe(first.body.id);
    await lift(first.body);
  });
});

describe("who may", () => {
  it("is not a member, not an engineer, and nobody of another institution", async () => {
    expect((await people.member.post(paths.holds(), { version: task, reason: "x" })).status).toBe(403);
    expect((await people.engineer.post(paths.holds(), { version: task, reason: "x" })).status).toBe(403);
    for (const subject of [{ version: task }, { model: "northbank/cards" }, { institution: "northbank" }]) {
      expect((await people.stranger.post(paths.holds(), { ...subject, reason: "x" })).status).toBe(404);
    }
    const shared = await reviewer.post(paths.holds(), { version: people.finance, reason: "x" });
    expect([shared.status, codes(shared)]).toEqual([403, ["hold_role"]]);
  });

  it("shows another institution nothing: not in the list, not by id, not in what it sees of shared versions", async () => {
    const ours = await set(reviewer, { version: task });
    const shared = await set(platform.admin, { version: people.finance });
    expect((await people.stranger.get(paths.holds())).body.data).toEqual([]);
    for (const hold of [ours, shared]) {
      expect((await people.stranger.get(paths.hold(hold.id))).status).toBe(404);
      expect((await people.stranger.post(paths.holdLift(hold.id), { reason: "x" })).status).toBe(404);
      expect((await people.stranger.delete(paths.holdLift(hold.id))).status).toBe(404);
    }
    expect([await isHeld(people.finance, people.stranger), await isHeld(people.finance, people.engineer)]).toEqual([false, true]);
    expect((await people.member.get(paths.holds())).status).toBe(403);
    await lift(ours);
  });

  it("lets the platform hold an institution's things, which its own people then see and cannot lift", async () => {
    const hold = await set(platform.admin, { version: task });
    expect((await reviewer.get(paths.hold(hold.id))).body).toMatchObject({ setFor: "platform", actions: [] });
    expect(codes(await reviewer.post(paths.holdLift(hold.id), { reason: "x" }))).toEqual(["hold_role"]);
    const second = await platform.addPerson("platform", "law@platform.example", "compliance_reviewer");
    await lift(hold, platform.admin, second);
    expect(await isHeld(task)).toBe(false);
  });

  it("pages and filters the list", async () => {
    const holds = [await set(reviewer, { version: task }), await set(reviewer, { model: "northbank/cards" })];
    const first = await reviewer.get(`${paths.holds()}?limit=1&filter[open]=true`);
    expect(first.body.data.map(({ id }: Hold) => id)).toEqual([holds[1]?.id]);
    const next = await reviewer.get(`${paths.holds()}?limit=1&filter[open]=true&cursor=${encodeURIComponent(first.body.nextCursor)}`);
    expect(next.body.data.map(({ id }: Hold) => id)).toEqual([holds[0]?.id]);
    const one = await reviewer.get(`${paths.holds()}?filter[open]=true&filter[subject]=${encodeURIComponent(task)}`);
    expect(one.body.data.map(({ id }: Hold) => id)).toEqual([holds[0]?.id]);
    for (const hold of holds) await lift(hold);
  });
});
