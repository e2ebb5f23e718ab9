import { paths, Tier } from "@ziggurat/contracts";
import { descendantsOf, type Edge, hasCycle } from "@ziggurat/lineage";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aModelOf, anAdapter, aPyramid, move, register, upload } from "../../test/registry-fixtures.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { LineageRepository } from "./lineage.repository.js";
import { ReachRepository } from "./reach.repository.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let files: { readonly path: string; readonly sha256: string }[];
const models = ["foundation/base", "foundation/other", "finance/ledger", "finance/other", "northbank/cards", "northbank/calls"];
const relations = ["pretrained_from", "finetuned_from", "adapter_of", "merged_from"] as const;
const kinds = { pretrained_from: "full", finetuned_from: "full", adapter_of: "adapter", merged_from: "merged" } as const;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await register(people.engineer, { tier: "foundation", slug: "other" });
  await register(people.engineer, { tier: "finance", slug: "other" });
  await register(people.admin, { tier: "institution", slug: "calls" });
  files = [];
  for (const [path, bytes] of Object.entries({ ...aModelOf(), ...anAdapter() })) {
    await upload(people.admin, bytes);
    files.push({ path, sha256: await upload(people.engineer, bytes) });
  }
});
afterAll(() => platform.close());

const clientOf = (model: string) => (model.startsWith("northbank/") ? people.admin : people.engineer);

/** One thing somebody does. Parents are picked, by number, from what is there at that moment: mostly what fits, now and then whatever. */
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("derive" as const),
      model: fc.constantFrom(...models),
      relation: fc.constantFrom(...relations),
      parents: fc.array(fc.nat(1000), { minLength: 1, maxLength: 2 }),
      anything: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("release" as const), pick: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("withdraw" as const), pick: fc.nat(1000) }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
interface Known {
  readonly id: string;
  readonly ref: string;
  readonly tier: Tier;
  readonly state: string;
  readonly artifact_kind: string;
}

async function perform(what: Deed): Promise<void> {
  const known = await asSystem<Known>(
    platform,
    `select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.tier, v.state, v.artifact_kind
     from versions v join models m on m.id = v.model_id order by v.id`,
  );
  const at = (pick: number, among: readonly Known[]) => among[pick % Math.max(1, among.length)];
  if (what.do === "release") {
    const version = at(
      what.pick,
      known.filter(({ state }) => state === "sealed"),
    );
    if (version === undefined) return;
    const sql =
      "update versions set state = 'released', released_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1 and state = 'sealed'";
    await asSystem(platform, sql, [version.id]);
  } else if (what.do === "withdraw") {
    // The two that everything starts from stay, so that there is something to derive from.
    const target = at(what.pick, known.slice(2));
    if (target !== undefined) await move(people.engineer, target.ref, "recalled");
  } else {
    const among = what.anything ? known : known.filter((version) => fits(what.model, what.relation, version));
    const parents = [...new Set(what.parents.flatMap((pick) => at(pick, among)?.ref ?? []))].map((version) => ({
      version,
      relation: what.relation,
    }));
    const client = clientOf(what.model);
    const made = await client.post(paths.versions(what.model), { artifactKind: kinds[what.relation], parents, files });
    if (made.status === 201) await move(client, made.body.ref, "sealed");
    else expect([made.status, made.body.code]).toEqual([422, "rule"]);
  }
}

function fits(model: string, relation: (typeof relations)[number], version: Known): boolean {
  if (relation === "merged_from") return version.ref.startsWith(`${model}@`) && version.state !== "draft";
  const tier = model.startsWith("northbank/") ? "institution" : Tier.parse(model.split("/")[0]);
  return ALLOWED[tier].includes(version.tier) && version.state === "released" && version.artifact_kind !== "adapter";
}

const ALLOWED: Record<Tier, readonly Tier[]> = { foundation: ["foundation"], finance: ["foundation", "finance"], institution: ["finance"] };

interface EdgeRow {
  readonly child_id: string;
  readonly parent_id: string;
  readonly child_tier: Tier;
  readonly parent_tier: Tier;
  readonly child_model: string;
  readonly parent_model: string;
  readonly relation: string;
  readonly ever_released: boolean;
  readonly after_recall: boolean;
}
const edgeRows = () =>
  asSystem<EdgeRow>(
    platform,
    `select e.child_id, e.parent_id, e.relation, c.tier as child_tier, p.tier as parent_tier, c.model_id as child_model, p.model_id as parent_model,
       p.released_at is not null and p.released_at <= c.updated_at as ever_released, p.state = 'recalled' and e.created_at > p.updated_at as after_recall
     from edges e join versions c on c.id = e.child_id join versions p on p.id = e.parent_id`,
  );
it("gives a tip to one of several versions that race for it, and a line of their own to the others", async () => {
  const parents = [{ version: people.finance, relation: "finetuned_from" }];
  const drafts = await Promise.all(
    Array.from({ length: 6 }, () => people.engineer.post(paths.versions("finance/ledger"), { parents, files })),
  );
  const before = await tipOf(people.finance);
  const answers = await Promise.all(drafts.map(({ body }) => move(people.engineer, body.ref, "sealed")));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
  const ids = answers.map(({ body }) => body.id);
  const places = await asSystem<{ line_id: string; line_seq: number }>(
    platform,
    "select line_id, line_seq from versions where id = any($1)",
    [ids],
  );
  expect(places.filter(({ line_id }) => line_id === before.line_id)).toHaveLength(before.is_tip ? 1 : 0);
  const rows = await edgeRows();
  await expectClosureEqualsWalk(rows.map(({ child_id, parent_id }) => ({ child: child_id, parent: parent_id })));
});

it("refuses a parent that is withdrawn while the edge is being written", async () => {
  for (let round = 0; round < 5; round += 1) {
    const made = await people.engineer.post(paths.versions("foundation/other"), { files });
    await move(people.engineer, made.body.ref, "sealed");
    await asSystem(platform, "update versions set state = 'released', released_at = clock_timestamp() where id = $1", [made.body.id]);
    const parents = [{ version: made.body.ref, relation: "pretrained_from" }];
    await Promise.all([
      ...Array.from({ length: 4 }, () => people.engineer.post(paths.versions("finance/other"), { parents, files })),
      move(people.engineer, made.body.ref, "recalled"),
    ]);
  }
  expect((await edgeRows()).filter(({ after_recall }) => after_recall)).toEqual([]);
});

it("never persists a cycle, a wrong tier, an unreleased or a withdrawn parent, and the line closure equals the walk, whoever races", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(deed, { minLength: 6, maxLength: 10 }), { minLength: 4, maxLength: 5 }), async (writers) => {
      await Promise.all(
        writers.map(async (deeds) => {
          for (const what of deeds) await perform(what);
        }),
      );
      const rows = await edgeRows();
      const edges: Edge[] = rows.map(({ child_id, parent_id }) => ({ child: child_id, parent: parent_id }));
      expect(hasCycle(edges)).toBe(false);
      for (const row of rows) {
        const insideModel = row.child_model === row.parent_model && row.relation === "merged_from";
        expect(insideModel || (ALLOWED[row.child_tier].includes(row.parent_tier) && row.ever_released)).toBe(true);
        expect(row.after_recall).toBe(false);
      }
      await expectClosureEqualsWalk(edges);
    }),
    // What the runs before wrote stays, so a shrunk run would not be the same one.
    { numRuns: 6, endOnFailure: true },
  );
  expect((await edgeRows()).length).toBeGreaterThan(20);
}, 120_000);

async function tipOf(ref: string): Promise<{ readonly line_id: string; readonly is_tip: boolean }> {
  const [row] = await asSystem<{ line_id: string; is_tip: boolean }>(
    platform,
    `select v.line_id, v.line_seq = l.tip_seq as is_tip from versions v join models m on m.id = v.model_id join lines l on l.id = v.line_id
     where m.namespace || '/' || m.slug || '@' || v.number = $1`,
    [ref],
  );
  if (row === undefined) throw new Error(`${ref} has no line`);
  return row;
}

async function expectClosureEqualsWalk(edges: readonly Edge[]): Promise<void> {
  const placed = await asSystem<{ id: string; line_id: string; line_seq: number }>(
    platform,
    "select id, line_id, line_seq from versions where line_id is not null",
  );
  const sealedIds = new Set(placed.map(({ id }) => id));
  expect(new Set(placed.map(({ line_id, line_seq }) => `${line_id} ${line_seq}`)).size).toBe(placed.length);
  const repository = platform.app.get(LineageRepository, { strict: false });
  const reach = platform.app.get(ReachRepository, { strict: false });
  await platform.app.get(UnitOfWork).run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test"), async (tx) => {
    for (const { id, line_id, line_seq } of placed) {
      const place = { line: line_id, seq: line_seq };
      const found = (await repository.below(tx, place, null, 10_000)).rows.map((row) => row.id).sort();
      const walked = [...descendantsOf(edges, id)].filter((other) => sealedIds.has(other)).sort();
      expect(found).toEqual(walked);
      expect((await reach.count(tx, place)).descendants).toBe(walked.length);
    }
  });
}
