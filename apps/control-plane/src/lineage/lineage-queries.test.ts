import { type LineageNode, paths, RELATIONS, TIERS, VERSION_STATES } from "@ziggurat/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, forceState, move, register, released, sealed, versionId } from "../../test/registry-fixtures.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
/** Instants between the steps of making the graph. */
const instants: string[] = [];
let second: string;
let tasks: string[];
let theirs: string;
const adapterOf = (version: string) => ({ artifactKind: "adapter", parents: [{ version, relation: "adapter_of" }] });
const now = async () => {
  const [row] = await asSystem<{ at: Date }>(platform, "select clock_timestamp() as at");
  // Instants in answers have milliseconds; one is waited for, so that before and after differ.
  await new Promise((done) => setTimeout(done, 5));
  return new Date((row?.at.getTime() ?? 0) + 2).toISOString();
};

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await register(people.stranger, { tier: "institution", slug: "calls" });
  await dataset(people.admin, "northbank/talks", '{"text":"cards"}\n');
  instants.push(await now());
  tasks = [await sealed(people.admin, "northbank/cards", adapterOf(people.finance))];
  instants.push(await now());
  second = await released(platform, people.engineer, "finance/ledger", {
    parents: [
      { version: people.finance, relation: "finetuned_from" },
      { version: people.foundation, relation: "pretrained_from" },
    ],
  });
  for (let n = 0; n < 3; n += 1) tasks.push(await sealed(people.admin, "northbank/cards", adapterOf(n === 2 ? second : people.finance)));
  theirs = await sealed(people.stranger, "southbank/calls", adapterOf(people.finance));
  instants.push(await now());
  await move(people.admin, tasks[0] ?? "", "quarantined", "odd answers");
  await forceState(platform, tasks[1] ?? "", "released");
  tasks.push(
    await sealed(people.admin, "northbank/cards", {
      artifactKind: "merged",
      parents: [{ version: tasks[1] ?? "", relation: "merged_from" }],
    }),
  );
  instants.push(await now());
  await asSystem(
    platform,
    `insert into dataset_uses (version_id, dataset_version_id, institution_id)
     select $1, dv.id, dv.institution_id from dataset_versions dv join datasets d on d.id = dv.dataset_id where d.slug = 'talks'`,
    [await versionId(platform, tasks[1] ?? "")],
  );
});
afterAll(() => platform.close());

const ask = async (client: Client, path: string) => {
  const answer = await client.get(path);
  expect([path, answer.status, answer.status === 200 ? "" : answer.text]).toEqual([path, 200, ""]);
  return answer.body;
};
const query = (values: Readonly<Record<string, string | readonly string[] | undefined>>) => {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of value === undefined ? [] : [value].flat()) search.append(name, one);
  }
  return `?${search}`;
};

/** Every page of a lineage; each node once. */
async function whole(client: Client, ref: string, values: Readonly<Record<string, string | readonly string[] | undefined>>) {
  const nodes = new Map<string, LineageNode>();
  let cursor: string | undefined;
  do {
    const body = await ask(client, paths.lineage(ref) + query({ ...values, limit: "2", cursor }));
    for (const node of body.nodes) if (node.kind === "version") nodes.set(node.id, node);
    cursor = body.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return nodes;
}

describe("a filter", () => {
  it("gives what a filter of the full walk gives, whoever asks and from wherever", async () => {
    const some = <T extends string>(values: readonly T[]) =>
      fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), { nil: undefined });
    const filters = fc.record({
      relation: some(RELATIONS),
      tier: some(TIERS),
      state: some(VERSION_STATES),
      owner: some(["platform", "northbank", "southbank"]),
      model: some(["finance/ledger", "northbank/cards", "southbank/calls", "southbank/nothing"]),
    });
    const starts = () => fc.constantFrom(people.foundation, people.finance, second);
    const edges = await asSystem<{ child: string; relation: string }>(
      platform,
      `select m.namespace || '/' || m.slug || '@' || v.number as child, e.relation
       from edges e join versions v on v.id = e.child_id join models m on m.id = v.model_id`,
    );
    await fc.assert(
      fc.asyncProperty(
        filters,
        starts(),
        fc.constantFrom(people.engineer, people.admin, people.stranger),
        async (filter, start, client) => {
          const all = await whole(client, start, {});
          const found = await whole(client, start, filter);
          const keeps = (node: LineageNode) =>
            (filter.tier === undefined || (node.tier !== null && filter.tier.includes(node.tier))) &&
            (filter.state === undefined || (node.state !== null && filter.state.includes(node.state))) &&
            (filter.owner === undefined || filter.owner.some((owner) => owner === node.owner)) &&
            (filter.model === undefined || filter.model.some((model) => model === node.ref.split("@")[0])) &&
            (filter.relation === undefined ||
              edges.some(({ child, relation }) => child === node.id && filter.relation?.some((r) => r === relation)));
          const expected = [...all.values()].filter((node) => node.id === start || keeps(node)).map(({ id }) => id);
          expect([...found.keys()].sort()).toEqual(expected.sort());
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  it("keeps derivations of the relation asked for, and refuses words it does not know", async () => {
    const body = await ask(people.engineer, `${paths.lineage(people.finance)}?relation=finetuned_from`);
    expect(body.edges.map(({ relation }: { relation: string }) => relation)).toEqual(["finetuned_from"]);
    for (const wrong of ["tier=marble", "state=lost", "relation=trained_on", "at=yesterday", "depth=101", "colour=red"]) {
      expect([wrong, (await people.engineer.get(`${paths.lineage(second)}?${wrong}`)).status]).toEqual([wrong, 400]);
    }
  });

  it("is bound into the cursor", async () => {
    const { nextCursor } = await ask(people.engineer, `${paths.lineage(people.foundation)}?limit=1&state=sealed`);
    expect(nextCursor).not.toBeNull();
    const other = `${paths.lineage(people.foundation)}?limit=1&state=released&cursor=${encodeURIComponent(nextCursor)}`;
    expect((await people.engineer.get(other)).status).toBe(400);
  });
});

describe("a past instant", () => {
  const at = async (client: Client, ref: string, instant: string) => {
    const body = await ask(client, paths.lineage(ref) + query({ at: instant }));
    return { states: Object.fromEntries(body.nodes.map(({ id, state }: LineageNode) => [id, state])), counts: body.counts };
  };

  it("shows what was sealed until then, in the states of then", async () => {
    const [before = "", one = "", many = "", last = ""] = instants;
    expect((await at(people.engineer, people.foundation, before)).states).toEqual({
      [people.foundation]: "released",
      [people.finance]: "released",
    });
    const first = await at(people.engineer, people.foundation, one);
    expect(first.states[tasks[0] ?? ""]).toBe("sealed");
    expect(first.counts).toEqual({ ancestors: 0, descendants: 2, institutions: 1 });
    const then = await at(people.engineer, people.foundation, many);
    expect([then.states[tasks[0] ?? ""], then.states[tasks[1] ?? ""], then.states[second]]).toEqual(["sealed", "sealed", "released"]);
    const today = await at(people.engineer, people.foundation, last);
    expect([today.states[tasks[0] ?? ""], today.states[tasks[1] ?? ""]]).toEqual(["quarantined", "released"]);
    expect(Object.keys(today.states)).toContain(tasks[4]);
    expect(Object.keys(then.states)).not.toContain(tasks[4]);
  });

  it("finds a state of then, and counts groups of then", async () => {
    const [, , many = "", last = ""] = instants;
    const quarantined = async (instant: string) =>
      [...(await whole(people.engineer, people.foundation, { at: instant, state: "quarantined" })).keys()].filter(
        (id) => id !== people.foundation,
      );
    expect(await quarantined(many)).toEqual([]);
    expect(await quarantined(last)).toEqual([tasks[0]]);
    const groups = await ask(people.admin, paths.lineageGroups(people.finance) + query({ by: "state", at: many, owner: "northbank" }));
    expect(groups.groups).toEqual([{ key: "sealed", name: "sealed", tier: null, versions: 4, withheld: false }]);
  });

  it("before a version was sealed shows nothing but its name", async () => {
    const body = await ask(people.engineer, paths.lineage(tasks[0] ?? "") + query({ at: instants[0] }));
    expect(body.nodes).toEqual([expect.objectContaining({ id: tasks[0], state: null })]);
    expect([body.edges, body.counts]).toEqual([[], { ancestors: 0, descendants: 0, institutions: 0 }]);
  });

  it("shows an institution a shared version from its release on, not from its sealing", async () => {
    const draft = await sealed(people.engineer, "finance/ledger", {
      parents: [{ version: people.foundation, relation: "pretrained_from" }],
    });
    const meanwhile = await now();
    await forceState(platform, draft, "released");
    const then = await at(people.stranger, people.foundation, meanwhile);
    expect(Object.keys(then.states)).not.toContain(draft);
    expect(Object.keys((await at(people.engineer, people.foundation, meanwhile)).states)).toContain(draft);
    expect((await at(people.stranger, people.foundation, await now())).states[draft]).toBe("released");
    expect(then.counts.descendants).toBe(Object.keys(then.states).length - 1);
  });

  it("is remembered with who and why, and cannot be rewritten", async () => {
    const id = await versionId(platform, tasks[0] ?? "");
    const states = await asSystem(platform, "select state, by, reason from version_states where version_id = $1 order by at", [id]);
    expect(states).toEqual([
      { state: "sealed", by: people.admin.viewer.name, reason: "test" },
      { state: "quarantined", by: people.admin.viewer.name, reason: "odd answers" },
    ]);
    for (const sql of ["update version_states set state = 'released'", "delete from version_states"]) {
      await expect(asSystem(platform, sql)).rejects.toThrow(/append-only|permission denied/);
    }
  });
});

describe("counts", () => {
  it("of other institutions are withheld below the minimum, in each group and in what remains of the sum", async () => {
    const impact = await ask(people.engineer, paths.lineageImpact(people.finance));
    expect(impact.institutions).toEqual([
      { institution: "northbank", name: "northbank", versions: 5, withheld: false },
      { institution: "southbank", name: "southbank", versions: null, withheld: true },
    ]);
    expect(impact.total).toEqual({ institutions: 2, versions: null, withheld: true });
    const models = await ask(people.engineer, paths.lineageGroups(second) + query({ by: "model" }));
    expect(models.groups).toEqual([{ key: "northbank/cards", name: "cards", tier: "institution", versions: null, withheld: true }]);
    const tiers = await ask(people.engineer, paths.lineageGroups(second) + query({ by: "tier" }));
    expect(tiers.groups).toEqual([{ key: "institution", name: "institution", tier: "institution", versions: null, withheld: true }]);
  });

  it("of one's own institution are never withheld, and nobody else's are there", async () => {
    const impact = await ask(people.stranger, paths.lineageImpact(people.finance));
    expect(impact.institutions).toEqual([{ institution: "southbank", name: "southbank", versions: 1, withheld: false }]);
    expect(impact.total).toEqual({ institutions: 1, versions: 1, withheld: false });
    for (const by of ["tier", "owner", "model", "state"]) {
      const answer = await people.stranger.get(paths.lineageGroups(people.foundation) + query({ by }));
      expect(answer.text).not.toMatch(/northbank|cards|null,"withheld":true/);
    }
  });

  it("add up to the descendants, group by group, and name what the limit left off", async () => {
    const { counts } = await ask(people.admin, paths.lineage(people.foundation));
    for (const by of ["tier", "owner", "model", "state"]) {
      const { groups, total } = await ask(people.admin, paths.lineageGroups(people.foundation) + query({ by }));
      expect(groups.reduce((sum: number, group: { versions: number }) => sum + group.versions, 0)).toBe(counts.descendants);
      expect(total.versions).toBe(counts.descendants);
    }
    const cut = await ask(people.admin, paths.lineageGroups(people.foundation) + query({ by: "owner", limit: "1" }));
    expect([cut.groups.length, cut.total.groups]).toEqual([1, 2]);
  });

  it("come page by page, each group once and the same as in one answer, whoever asks", async () => {
    for (const client of [people.engineer, people.admin, people.stranger]) {
      for (const by of ["tier", "owner", "model", "state"]) {
        const whole = await ask(client, paths.lineageGroups(people.foundation) + query({ by }));
        expect([whole.nextCursor, whole.minimum]).toEqual([null, 5]);
        const found: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await ask(client, paths.lineageGroups(people.foundation) + query({ by, limit: "1", cursor }));
          expect([page.groups.length, page.total]).toEqual([1, whole.total]);
          found.push(...page.groups);
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(found).toEqual(whole.groups);
      }
    }
    const { nextCursor } = await ask(people.admin, paths.lineageGroups(people.foundation) + query({ by: "owner", limit: "1" }));
    const elsewhere = paths.lineageGroups(people.foundation) + query({ by: "model", limit: "1", cursor: nextCursor });
    expect((await people.admin.get(elsewhere)).status).toBe(400);
  });

  it("keep the tiers of the platform apart, and the models of a group are found by its owner and tier", async () => {
    const { groups } = await ask(people.engineer, paths.lineageGroups(people.foundation) + query({ by: "owner", owner: "platform" }));
    expect(groups.map(({ key, tier }: { key: string; tier: string }) => [key, tier])).toEqual([["platform", "finance"]]);
    const models = await ask(
      people.engineer,
      paths.lineageGroups(people.foundation) + query({ by: "model", owner: "platform", tier: "finance" }),
    );
    expect(models.groups.map(({ key }: { key: string }) => key)).toEqual(["finance/ledger"]);
    expect(models.groups[0].versions).toBe(groups[0].versions);
  });

  it("are hidden with the version they would be of", async () => {
    for (const path of [paths.lineageImpact, paths.lineageGroups, (ref: string) => `${paths.lineageRoute(ref)}?to=${people.finance}`]) {
      expect((await people.stranger.get(path(tasks[0] ?? ""))).status).toBe(404);
      expect((await people.engineer.get(path("finance/nothing@1"))).status).toBe(404);
    }
  });
});

describe("the path between two versions", () => {
  const route = (client: Client, from: string, to: string) => ask(client, paths.lineageRoute(from) + query({ to }));

  it("lists every hop from the ancestor on, with what proves it", async () => {
    const body = await route(people.admin, tasks[4] ?? "", people.foundation);
    expect(body.relation).toBe("up");
    expect(body.hops.map(({ parent, child }: { parent: LineageNode; child: LineageNode }) => [parent.id, child.id])).toEqual([
      [people.foundation, people.finance],
      [people.finance, tasks[1]],
      [tasks[1], tasks[4]],
    ]);
    for (const hop of body.hops) {
      expect(hop).toMatchObject({ seal: "declared", digestHolds: true, parentDigest: hop.parent.rootDigest });
    }
    expect(body.hops[1].datasets).toEqual([{ ref: "northbank/talks@1", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  });

  it("is the same seen from the other end, and counts the ways round", async () => {
    const [up, down] = [await route(people.engineer, second, people.foundation), await route(people.engineer, people.foundation, second)];
    expect([up.relation, down.relation, up.ways]).toEqual(["up", "down", 2]);
    expect(up.hops).toEqual(down.hops);
    expect(up.hops).toHaveLength(1);
  });

  it("says that two versions are not related, or are one", async () => {
    expect(await route(people.admin, tasks[0] ?? "", tasks[1] ?? "")).toMatchObject({ relation: "none", hops: [], ways: 0 });
    expect(await route(people.admin, tasks[0] ?? "", tasks[0] ?? "")).toMatchObject({ relation: "same", hops: [] });
  });

  it("is hidden when either end is another institution's, just as when it is missing", async () => {
    const [hiddenEnd, missing] = await Promise.all(
      [theirs, "southbank/calls@99"].map((to) => people.admin.get(paths.lineageRoute(people.finance) + query({ to }))),
    );
    expect([hiddenEnd?.status, missing?.status]).toEqual([404, 404]);
    expect(hiddenEnd?.body.detail).toBe(missing?.body.detail);
  });
});

describe("the lineage of data", () => {
  it("holds what was trained on it and what descends from that, page by page", async () => {
    const found: { version: { ref: string }; direct: boolean }[] = [];
    let cursor: string | undefined;
    do {
      const body = await ask(people.member, paths.lineageOfDataset("northbank/talks@1") + query({ limit: "1", cursor }));
      expect(body.counts).toEqual({ direct: 1, versions: 2 });
      found.push(...body.data);
      cursor = body.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found.map(({ version, direct }) => [version.ref, direct])).toEqual([
      [tasks[1], true],
      [tasks[4], false],
    ]);
  });

  it("is hidden from other institutions", async () => {
    const [hiddenOne, missing] = await Promise.all(
      ["northbank/talks@1", "northbank/nothing@1"].map((ref) => people.stranger.get(paths.lineageOfDataset(ref))),
    );
    expect([hiddenOne?.status, missing?.status]).toEqual([404, 404]);
  });
});

describe("the overview", () => {
  it("is the pyramid in columns, filtered and at an instant", async () => {
    expect(await ask(people.engineer, paths.lineageOverview())).toEqual(await ask(people.engineer, paths.pyramid()));
    const own = await ask(people.engineer, paths.lineageOverview() + query({ owner: "southbank" }));
    expect([own.ref, own.totals]).toEqual([[theirs], { foundation: 0, finance: 0, institution: 1 }]);
    const then = await ask(people.engineer, paths.lineageOverview() + query({ at: instants[1], tier: "institution" }));
    expect([then.ref, then.state]).toEqual([[tasks[0]], ["sealed"]]);
    expect((await people.stranger.get(paths.lineageOverview())).text).not.toContain("northbank");
  });
});

it("never shows half a derivation while versions are being sealed", async () => {
  let isWriting = true;
  const write = (async () => {
    for (let n = 0; n < 12; n += 1) await sealed(people.admin, "northbank/cards", adapterOf(people.finance));
    isWriting = false;
  })();
  let before = 0;
  while (isWriting) {
    const body = await ask(people.admin, paths.lineage(people.finance) + query({ direction: "down" }));
    const below = body.nodes.filter(({ distance }: LineageNode) => distance > 0);
    for (const node of below) expect(body.edges.some(({ child }: { child: string }) => child === node.id)).toBe(true);
    expect(below.length).toBeGreaterThanOrEqual(before);
    before = below.length;
  }
  await write;
});
