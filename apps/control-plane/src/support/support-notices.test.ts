import { type Notice, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, register, released } from "../../test/registry-fixtures.js";
import { SupportNotices } from "./support-notices.service.js";

const DAY = 86_400_000;
let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

const tell = (at = new Date()) => platform.app.get(SupportNotices).run(at);
const about = async (client: Client, ref: string): Promise<Notice[]> =>
  (await client.get(paths.notices())).body.data.filter((notice: Notice) => notice.kind === "support_end" && notice.subject === ref);

/** A deprecated finance version with one task model of northbank on it. */
async function ending(days: number) {
  const { engineer, admin } = people;
  const parents = [{ version: people.foundation, relation: "pretrained_from" }];
  const [ref, next] = [
    await released(platform, engineer, "finance/ledger", { parents }),
    await released(platform, engineer, "finance/ledger", { parents }),
  ];
  await register(admin, { tier: "institution", slug: "on-ledger" });
  await released(platform, admin, "northbank/on-ledger", { parents: [{ version: ref, relation: "finetuned_from" }] });
  const endsAt = new Date(Date.now() + days * DAY);
  const deprecation = { successor: next, endsAt: endsAt.toISOString() };
  const answer = await engineer.post(paths.transitions(ref), { to: "deprecated", reason: "superseded", deprecation });
  expect(answer.body.state).toBe("deprecated");
  return { ref, next, before: (left: number) => new Date(endsAt.getTime() - left * DAY) };
}

it("tells those who stand on it when it is stated and at each distance, each once, and nobody else", async () => {
  const { ref, next, before } = await ending(200);
  // Two workers at the same moment, and one more later.
  expect((await Promise.all([tell(), tell()])).reduce((sum, written) => sum + written)).toBe(2);
  expect(await tell()).toBe(0);
  const [first] = await about(people.admin, ref);
  expect(first).toMatchObject({
    versions: 1,
    recall: null,
    acknowledgeBy: null,
    reason: expect.stringContaining(`${next} takes its place: superseded`),
  });
  expect([await about(people.engineer, ref), await about(people.stranger, ref)].map(({ length }) => length)).toEqual([1, 0]);

  for (const left of [91, 90, 89, 30, 7, 0]) await tell(before(left));
  expect(await tell(before(-100))).toBe(0);
  expect(await about(people.admin, ref)).toHaveLength(5);
  const audited = await asSystem(platform, "select 1 from audit_entries where action = 'notice.support_end' and object = $1", [ref]);
  expect(audited).toHaveLength(5);
});

it("tells the nearest step alone after a pause, and none of what was taken out of use meanwhile", async () => {
  const late = await ending(200);
  await tell(late.before(3));
  expect(await about(people.admin, late.ref)).toHaveLength(1);
  const gone = await ending(200);
  await people.engineer.post(paths.transitions(gone.ref), { to: "retired", reason: "nobody uses it" });
  await tell(gone.before(3));
  expect(await about(people.admin, gone.ref)).toEqual([]);
});

it("takes an end for none that nobody stated", async () => {
  const ref = await released(platform, people.engineer, "finance/ledger", {
    parents: [{ version: people.foundation, relation: "pretrained_from" }],
  });
  await people.engineer.post(paths.transitions(ref), { to: "deprecated", reason: "superseded" });
  await tell();
  expect(await about(people.engineer, ref)).toEqual([]);
});
