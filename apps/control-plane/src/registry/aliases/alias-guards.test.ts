import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { aPyramid, dataset, forceState, released, score, sealed } from "../../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let second: Client;
let root: Client;
let held: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  second = await platform.addPerson("northbank", "second@north.example", "institution_admin");
  root = await platform.addPerson("platform", "root@platform.example", "platform_admin");
  held = await dataset(people.engineer, "foundation/held", '{"text":"held out"}\n');
});
afterAll(() => platform.close());

const cards = "northbank/cards";
let name = "";
let count = 0;
beforeEach(() => {
  count += 1;
  name = `name-${count}`;
});

/** A version of the shared base that an alias may point to. */
const base = async () => {
  const ref = await released(platform, people.engineer, "foundation/base");
  await score(platform, ref, held, { perplexity: 5 });
  return Number(ref.split("@")[1]);
};
/** A version of the institution's model that an alias may point to. */
const task = async () => {
  const ref = await sealed(people.admin, cards, {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
  await forceState(platform, ref, "released");
  const rows = '{"messages":[{"role":"user","content":"lost"},{"role":"assistant","content":"block"}]}\n';
  const on = await dataset(people.member, `northbank/held-${count}-${ref.split("@")[1]}`, rows, "chat");
  await score(platform, ref, on, { exactMatch: 0.99 });
  await score(platform, people.finance, on, { exactMatch: 0.1 }, ref);
  return Number(ref.split("@")[1]);
};
const protect = (client: Client, model: string, roles: string[], secondPerson: boolean, reason = "four eyes") =>
  client.put(paths.aliasProtection(model, name), { roles, secondPerson, reason });
const put = (client: Client, model: string, version: number, reason = "better") =>
  client.put(paths.alias(model, name), { version, reason });
const propose = (client: Client, change: object, reason = "better", headers = {}) =>
  client.post(paths.aliasProposals(cards, name), { change, reason }, headers);
const decide = (client: Client, id: string, action: "approve" | "withdraw", reason = "looked at it") =>
  client.post(paths.aliasProposalAction(cards, name, id, action), { reason });
const codes = ({ status, body }: Answer) => [status, ...(body.errors ?? []).map(({ code }: { code: string }) => code)];
const audited = async (object: string) =>
  (
    await asSystem<{ action: string; actor_name: string; institution_id: string }>(
      platform,
      "select action, actor_name, institution_id from audit_entries where object = $1 order by id",
      [object],
    )
  ).map(({ action, actor_name }) => `${action} ${actor_name}`);
const twoPeople = async () => {
  expect((await protect(people.admin, cards, ["institution_admin"], true)).status).toBe(200);
};

describe("a protected name", () => {
  it("is champion from the start, and another once somebody says so", async () => {
    const champion = (await people.member.get(paths.aliasProtection(cards, "champion"))).body;
    expect(champion).toEqual({
      name: "champion",
      isProtected: true,
      roles: ["institution_admin"],
      secondPerson: false,
      choices: ["institution_admin"],
      mayChange: false,
      set: null,
    });
    expect((await people.member.get(paths.aliasProtection(cards, name))).body).toMatchObject({ isProtected: false, set: null });
    await twoPeople();
    expect((await people.member.get(paths.aliasProtection(cards, name))).body).toMatchObject({
      isProtected: true,
      secondPerson: true,
      set: { by: people.admin.viewer.name, reason: "four eyes" },
    });
    expect((await people.stranger.get(paths.aliasProtection(cards, name))).status).toBe(404);
  });

  it("is moved by the roles it names, and the attempt of another is refused and kept in the owner's log", async () => {
    const version = await base();
    expect((await protect(root, "foundation/base", ["platform_admin"], false)).status).toBe(200);
    expect(codes(await put(people.engineer, "foundation/base", version))).toEqual([403, "role"]);
    expect(codes(await protect(people.engineer, "foundation/base", ["platform_engineer"], false))).toEqual([403, "role"]);
    expect(codes(await put(people.stranger, "foundation/base", version))).toEqual([403, "role"]);
    expect((await people.engineer.get(paths.alias("foundation/base", name))).status).toBe(404);
    expect((await put(root, "foundation/base", version)).status).toBe(200);
    expect(await audited(`foundation/base:${name}`)).toEqual([
      `alias.protect ${root.viewer.name}`,
      `alias.refused ${people.engineer.viewer.name}`,
      `alias.refused ${people.engineer.viewer.name}`,
      `alias.refused ${people.stranger.viewer.name}`,
      `alias.move ${root.viewer.name}`,
    ]);
    const owners = await asSystem(platform, "select distinct institution_id from audit_entries where object = $1", [
      `foundation/base:${name}`,
    ]);
    expect(owners).toHaveLength(1);
  });

  it("leaves no entry for a name that is not protected, nor at a model one cannot see", async () => {
    expect(codes(await put(people.member, cards, 1))).toEqual([403, "role"]);
    expect((await put(people.stranger, cards, 1)).status).toBe(404);
    await twoPeople();
    expect((await put(people.stranger, cards, 1)).status).toBe(404);
    expect(await audited(`${cards}:${name}`)).toEqual([`alias.protect ${people.admin.viewer.name}`]);
  });

  it("moves for a reason only", async () => {
    await protect(people.admin, cards, ["institution_admin"], false);
    expect(codes(await put(people.admin, cards, await task(), " "))).toEqual([422, "reason_required"]);
  });

  it("refuses roles that move no alias, a guard that shuts out its author, and one without a reason", async () => {
    expect(codes(await protect(people.admin, cards, ["institution_member"], false))).toEqual([422, "alias_roles"]);
    expect(codes(await protect(people.engineer, "foundation/base", ["platform_admin"], false))).toEqual([422, "alias_lockout"]);
    expect((await protect(people.admin, cards, ["institution_admin"], false, " ")).body.errors[0].pointer).toBe("/reason");
    expect((await protect(people.admin, cards, [], false)).body.errors[0].pointer).toBe("/roles");
    expect(await asSystem(platform, "select 1 from alias_guards where name = $1", [name])).toEqual([]);
  });
});

describe("a second person", () => {
  it("approves what one has proposed; nobody does both, and nobody moves or unprotects the name alone", async () => {
    await twoPeople();
    const version = await task();
    expect(codes(await put(people.admin, cards, version))).toEqual([403, "second_person"]);
    expect(codes(await protect(people.admin, cards, ["institution_admin"], false))).toEqual([403, "second_person"]);
    const proposed = await propose(people.admin, { kind: "move", version });
    expect([proposed.status, proposed.body.state, proposed.body.mayApprove, proposed.body.mayWithdraw]).toEqual([
      201,
      "pending",
      false,
      true,
    ]);
    const { id } = proposed.body;
    expect(codes(await decide(people.admin, id, "approve"))).toEqual([
      403,
      "same_person",
      "own_registration",
      "own_submission",
      "own_upload",
    ]);
    expect(codes(await decide(people.member, id, "approve"))).toEqual([403, "role"]);
    expect((await decide(people.stranger, id, "approve")).status).toBe(404);
    expect((await people.admin.get(paths.alias(cards, name))).status).toBe(404);
    expect((await second.get(paths.aliasProposals(cards, name))).body.data).toMatchObject([{ id, state: "pending", mayApprove: true }]);
    const approved = await decide(second, id, "approve");
    expect(approved.body).toMatchObject({ state: "approved", decision: { by: second.viewer.name, reason: "looked at it" } });
    expect((await people.member.get(paths.alias(cards, name))).body).toMatchObject({
      version: `${cards}@${version}`,
      movedBy: people.admin.viewer.name,
      reason: "better",
    });
    expect((await audited(`${cards}:${name}`)).filter((entry) => !entry.startsWith("alias.refused"))).toEqual([
      `alias.protect ${people.admin.viewer.name}`,
      `alias.propose ${people.admin.viewer.name}`,
      `alias.approve ${second.viewer.name}`,
      `alias.move ${second.viewer.name}`,
    ]);
  });

  it("is asked to take the protection off as well", async () => {
    await twoPeople();
    const { id } = (await propose(people.admin, { kind: "protect", roles: ["institution_admin"], secondPerson: false })).body;
    expect((await decide(second, id, "approve")).status).toBe(200);
    expect((await put(people.admin, cards, await task())).status).toBe(200);
  });

  it("finds a version that was withdrawn meanwhile refused, and the proposal still pending", async () => {
    await twoPeople();
    const version = await task();
    const { id } = (await propose(people.admin, { kind: "move", version })).body;
    await forceState(platform, `${cards}@${version}`, "quarantined");
    expect(codes(await decide(second, id, "approve"))).toEqual([422, "alias_unreleased"]);
    expect((await second.get(paths.aliasProposals(cards, name))).body.data[0].state).toBe("pending");
    expect((await people.admin.get(paths.alias(cards, name))).status).toBe(404);
    const withdrawn = await decide(people.admin, id, "withdraw", "it is faulty");
    expect(withdrawn.body).toMatchObject({ state: "withdrawn", decision: { reason: "it is faulty" }, mayApprove: false });
    expect(codes(await decide(second, id, "approve"))).toEqual([409, "proposal_state"]);
  });

  it("does not approve a move whose name went elsewhere in between", async () => {
    const [one, two] = [await task(), await task()];
    const { id } = (await propose(people.admin, { kind: "move", version: one })).body;
    expect((await put(people.admin, cards, two)).status).toBe(200);
    expect(codes(await decide(second, id, "approve"))).toEqual([409, "alias_moved"]);
  });

  it("is asked one thing at a time, and only what could be done now", async () => {
    await twoPeople();
    expect(codes(await propose(people.admin, { kind: "move", version: 9999 }))).toEqual([422, "version_unknown"]);
    expect(codes(await propose(people.admin, { kind: "protect", roles: ["auditor"], secondPerson: true }))).toEqual([422, "alias_roles"]);
    expect((await propose(people.admin, { kind: "move", version: 1 }, "")).body.errors[0].pointer).toBe("/reason");
    const version = await task();
    const answers = await Promise.all([people.admin, second].map((client) => propose(client, { kind: "move", version })));
    expect(answers.map(codes).sort()).toEqual([[201], [409, "proposal_pending"]]);
  });

  it("decides once, however many decide at once", async () => {
    await twoPeople();
    const { id } = (await propose(people.admin, { kind: "move", version: await task() })).body;
    const answers = await Promise.all([decide(second, id, "approve"), decide(second, id, "approve"), decide(people.admin, id, "withdraw")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it("is proposed to once under one key, and a refused attempt leaves the key free", async () => {
    await twoPeople();
    const change = { kind: "move", version: await task() };
    const key = { "idempotency-key": `propose-${name}` };
    expect((await propose(people.member, change, "better", key)).status).toBe(403);
    expect((await propose(people.member, change, "better", key)).status).toBe(403);
    const first = await propose(people.admin, change, "better", key);
    const again = await propose(people.admin, change, "better", key);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
  });
});

it("keeps what was stated and decided, and two people, whatever program writes", async () => {
  await twoPeople();
  const version = await task();
  const { id } = (await propose(people.admin, { kind: "move", version })).body;
  await expect(
    asSystem(platform, "update alias_proposals set state = 'approved', decider_id = proposer_id where id = $1", [id]),
  ).rejects.toThrow(/two_people/);
  await decide(second, id, "withdraw");
  for (const sql of [
    "update alias_guards set second_person = false where name = $1",
    "delete from alias_guards where name = $1",
    "update alias_proposals set state = 'approved' where name = $1",
    "delete from alias_proposals where name = $1",
  ]) {
    await expect(asSystem(platform, sql, [name])).rejects.toThrow(/append-only|permission denied/);
  }
});
