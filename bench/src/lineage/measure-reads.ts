import type pg from "pg";
import { byHand, inTransaction, prepared, valuesOf } from "./by-hand.js";
import type { Place, PlatformInside, Tx, Viewer } from "./platform-inside.js";
import { below, seeded } from "./random.js";
import { type Figure, figureOf } from "./report.js";

const PLATFORM = `ins_${"0".repeat(32)}`;
/** Somebody of the platform, who sees every institution's metadata: the viewer with the widest answers. */
export const engineer: Viewer = {
  userId: "usr_bench",
  name: "bench",
  institutionId: PLATFORM,
  institutionSlug: "platform",
  roles: ["platform_engineer"],
  scopes: ["lineage:read"],
  reach: "platform",
  requestId: null,
};

interface Question {
  readonly name: string;
  readonly goal: string;
  readonly rounds: number;
  before?(): void;
  ours(tx: Tx): Promise<unknown>;
  theirs(): Promise<unknown>;
}

/** Each question in turn to the platform and by hand, so that a machine whose speed drifts treats both alike. */
export async function measureReads(
  platform: PlatformInside,
  hand: pg.Client,
  seed: number,
): Promise<{ readonly descendants: number; readonly figures: readonly Figure[] }> {
  const random = seeded(seed + 1);
  const { top, tasks } = await platform.run(engineer, async (tx) => ({ top: await widest(tx), tasks: await someTasks(tx) }));
  const next = (): string => tasks[below(random, tasks.length)] ?? "";
  let id = "";
  const values = valuesOf(top);
  const { lineage, reach } = platform;
  const questions: readonly Question[] = [
    {
      name: "ancestors of a task version",
      goal: "p99 < 20 ms",
      rounds: 500,
      before: () => {
        id = next();
      },
      ours: (tx) => lineage.above(tx, id, 100),
      theirs: () => hand.query(prepared("ancestors", byHand.ancestors, [id])),
    },
    {
      name: "first page of the descendants",
      goal: "p99 < 50 ms",
      rounds: 200,
      ours: (tx) => lineage.below(tx, top, null, 50),
      theirs: () => hand.query(prepared("firstPage", byHand.firstPage, values)),
    },
    {
      name: "count of the descendants",
      goal: "p50 < 250, p99 < 700 ms",
      rounds: 60,
      ours: (tx) => reach.count(tx, top),
      theirs: () => hand.query(prepared("count", byHand.count, values)),
    },
    {
      name: "impact by institution",
      goal: "p50 < 250, p99 < 700 ms",
      rounds: 60,
      ours: (tx) => reach.groups(tx, top, "owner", {}, { limit: 200, minimum: 5, after: null }),
      theirs: () => hand.query(prepared("impact", byHand.impact, values)),
    },
  ];
  const figures: Figure[] = [];
  for (const { name, goal, rounds, before, ours, theirs } of questions) {
    const [platformMs, handMs]: [number[], number[]] = [[], []];
    for (let round = -5; round < rounds; round += 1) {
      before?.();
      const asked = [
        { to: platformMs, ask: () => platform.run(engineer, ours) },
        { to: handMs, ask: () => inTransaction(hand, engineer, theirs) },
      ];
      // Who comes second finds the pages in memory, so they take turns at being first.
      for (const { to, ask } of round % 2 === 0 ? asked : asked.toReversed()) {
        const ms = await timed(ask);
        if (round >= 0) to.push(ms);
      }
    }
    figures.push(figureOf(name, goal, 1.3, platformMs, handMs));
  }
  const { descendants } = await platform.run(engineer, (tx) => reach.count(tx, top));
  return { descendants, figures };
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The first version of the first foundation model: most of the pyramid stands on it. */
async function widest(tx: Tx): Promise<Place> {
  const [row] = await tx.query<{ line: string; seq: number }>(
    "select line_id as line, line_seq as seq from versions where tier = 'foundation' order by id limit 1",
  );
  if (row === undefined) throw new Error("there is no foundation version");
  return row;
}

async function someTasks(tx: Tx): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select v.id from (select id from lines where tier = 'institution' and id % 17 = 0 limit 3000) l
     cross join lateral (select id from versions where line_id = l.id order by line_seq desc limit 1) v`,
  );
  return rows.map(({ id }) => id);
}
