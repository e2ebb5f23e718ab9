import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, draft, register, released, sealed, versionId } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let tasks: readonly string[];
let theirs: string;
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  const data = await dataset(people.engineer, "finance/corpus", '{"text":"bonds"}\n');
  await asSystem(
    platform,
    "insert into dataset_uses (version_id, dataset_version_id, institution_id) select $1, id, institution_id from dataset_versions",
    [await versionId(platform, people.finance)],
  );
  expect(data).toBe("finance/corpus@1");
  await register(people.stranger, { tier: "institution", slug: "calls" });
  const adapter = { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] };
  const made: string[] = [];
  for (let n = 0; n < 5; n += 1) made.push(await sealed(people.admin, "northbank/cards", adapter));
  tasks = made;
  theirs = await sealed(people.stranger, "southbank/calls", adapter);
});
afterAll(() => platform.close());

const lineage = async (client: typeof people.admin, ref: string, query = "") => (await client.get(`${paths.lineage(ref)}${query}`)).body;
const ids = (body: { nodes: { id: string; distance: number }[] }) => body.nodes.map(({ id, distance }) => `${id} ${distance}`).sort();

describe("the lineage of a version", () => {
  it("leads up to the foundation and to the data, with every hop sealed or declared and pinned to a digest", async () => {
    const body = await lineage(people.member, tasks[0] ?? "", "?direction=up");
    expect(ids(body)).toEqual(["datasets/finance/corpus@1 -2", `${people.finance} -1`, `${people.foundation} -2`, `${tasks[0]} 0`].sort());
    const digest = (await people.engineer.get(paths.version(people.finance))).body.rootDigest;
    expect(body.edges).toContainEqual(
      expect.objectContaining({ child: tasks[0], parent: people.finance, relation: "adapter_of", seal: "declared", parentDigest: digest }),
    );
    expect(body.edges).toContainEqual(
      expect.objectContaining({ child: people.finance, parent: "datasets/finance/corpus@1", relation: "trained_on" }),
    );
    expect(body.counts).toEqual({ ancestors: 2, descendants: 0, institutions: 0 });
    expect(body.nodes.find(({ id }: { id: string }) => id === people.foundation)).toMatchObject({
      tier: "foundation",
      kind: "version",
      gates: "open",
      owner: "platform",
    });
  });

  it("stops at the depth asked for", async () => {
    expect(ids(await lineage(people.member, tasks[0] ?? "", "?direction=up&depth=1"))).toEqual(
      [`${people.finance} -1`, `${tasks[0]} 0`].sort(),
    );
    expect((await people.member.get(`${paths.lineage(tasks[0] ?? "")}?depth=101`)).status).toBe(400);
    expect(ids(await lineage(people.engineer, people.foundation, "?direction=down&depth=1"))).toEqual(
      [`${people.finance} 1`, `${people.foundation} 0`].sort(),
    );
  });

  it("leads down page by page, each descendant once, joined to what it descends from", async () => {
    const seen: string[] = [];
    const edges: { child: string; parent: string }[] = [];
    let cursor = "";
    do {
      const body = await lineage(people.engineer, people.foundation, `?direction=down&limit=2${cursor}`);
      seen.push(...body.nodes.filter(({ distance }: { distance: number }) => distance > 0).map(({ id }: { id: string }) => id));
      edges.push(...body.edges);
      cursor = body.nextCursor === null ? "" : `&cursor=${encodeURIComponent(body.nextCursor)}`;
    } while (cursor !== "");
    expect(seen.sort()).toEqual([people.finance, theirs, ...tasks].sort());
    for (const id of seen) expect(edges.filter(({ child }) => child === id)).toHaveLength(1);
  });

  it("tells one institution nothing of another: no node, no edge, no count", async () => {
    const body = await lineage(people.stranger, people.foundation);
    expect(JSON.stringify(body)).not.toContain("northbank");
    expect(body.counts).toEqual({ ancestors: 0, descendants: 2, institutions: 1 });
    expect((await people.stranger.get(paths.lineage(tasks[0] ?? ""))).status).toBe(404);
    expect((await lineage(people.engineer, people.foundation)).counts).toEqual({ ancestors: 0, descendants: 7, institutions: 2 });
  });

  it("counts of the shared tiers only what an institution may see", async () => {
    await sealed(people.engineer, "finance/ledger", { parents: [{ version: people.foundation, relation: "pretrained_from" }] });
    expect((await lineage(people.stranger, people.foundation)).counts.descendants).toBe(2);
    expect((await lineage(people.engineer, people.foundation)).counts.descendants).toBe(8);
  });

  it("of a draft leads up only", async () => {
    const made = await draft(people.admin, "northbank/cards", {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    const body = await lineage(people.admin, made.body.ref);
    expect([body.counts.descendants, body.counts.ancestors]).toEqual([0, 2]);
  });

  it("of a line that goes on from release to release lies on one line", async () => {
    const next = await released(platform, people.engineer, "finance/ledger", {
      parents: [{ version: people.finance, relation: "finetuned_from" }],
    });
    const rows = await asSystem<{ line_id: string; line_seq: number }>(
      platform,
      "select line_id, line_seq from versions where id = any($1) order by line_seq",
      [[await versionId(platform, people.finance), await versionId(platform, next)]],
    );
    expect(rows.map(({ line_seq }) => line_seq)).toEqual([1, 2]);
    expect(rows[0]?.line_id).toBe(rows[1]?.line_id);
  });
});

describe("the pyramid", () => {
  it("holds every version the viewer may see, in columns that belong together", async () => {
    const { body } = await people.member.get(paths.pyramid());
    const at = body.ref.indexOf(tasks[0]);
    expect(body.ref[body.parent[at]]).toBe(people.finance);
    expect(body.institutions[body.institution[at]].slug).toBe("northbank");
    expect([body.tier[at], body.truncated]).toEqual([2, false]);
    expect(body.totals.foundation + body.totals.finance + body.totals.institution).toBe(body.ref.length);
    for (const column of ["tier", "institution", "state", "parent"]) expect(body[column]).toHaveLength(body.ref.length);
  });

  it("names no other institution", async () => {
    expect((await people.stranger.get(paths.pyramid())).text).not.toContain("northbank");
    expect((await people.engineer.get(paths.pyramid())).body.institutions.map(({ slug }: { slug: string }) => slug)).toEqual([
      "northbank",
      "southbank",
    ]);
  });
});
