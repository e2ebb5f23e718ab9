import type pg from "pg";
import { inTransaction, WALK_DOWN } from "./by-hand.js";
import { engineer } from "./measure-reads.js";
import type { PlatformInside, Tx } from "./platform-inside.js";
import { below, seeded } from "./random.js";
import type { ClosureFigure } from "./report.js";

const NODES = 1000;
/** Walks that reach more than this are compared by their count. */
const MOST = 20_000;

interface Node {
  readonly id: string;
  readonly line: string;
  readonly seq: number;
}

/**
 * The line closure's answer beside the recursive walk's, on 1,000 random versions of all tiers: the same set, or the same count where
 * the set is large. A difference is an error of the run, not a figure.
 */
export async function compareClosure(platform: PlatformInside, hand: pg.Client, seed: number): Promise<ClosureFigure> {
  const began = Date.now();
  const nodes = await platform.run(engineer, (tx) => someOfEachTier(tx, seeded(seed + 2)));
  const different: string[] = [];
  for (const { id, line, seq } of nodes) {
    const walked = new Set(
      await inTransaction(hand, engineer, async () => (await hand.query<{ id: string }>(WALK_DOWN, [id])).rows.map((row) => row.id)),
    );
    const isSame = await platform.run(engineer, async (tx) => {
      if ((await platform.reach.count(tx, { line, seq })).descendants !== walked.size) return false;
      if (walked.size > MOST) return true;
      const { rows } = await platform.lineage.below(tx, { line, seq }, null, MOST + 1);
      return rows.length === walked.size && rows.every((row) => walked.has(row.id));
    });
    if (!isSame) different.push(id);
  }
  if (different.length > 0) process.exitCode = 1;
  return { compared: nodes.length, different, seconds: (Date.now() - began) / 1000 };
}

/** Mostly task and finance versions; of the foundation a few, since each of those walks takes seconds. */
async function someOfEachTier(tx: Tx, random: () => number): Promise<Node[]> {
  const some = async (tier: string, amount: number): Promise<Node[]> => {
    const lines = await tx.query<{ id: string; tip_seq: number }>("select id, tip_seq from lines where tier = $1", [tier]);
    const wanted = Array.from({ length: amount }, () => lines[below(random, lines.length)]).flatMap((line) => line ?? []);
    return tx.query<Node>(
      `select v.id, v.line_id as line, v.line_seq as seq from unnest($1::bigint[], $2::int[]) as w (line, seq)
         join versions v on v.line_id = w.line and v.line_seq = w.seq`,
      [wanted.map(({ id }) => id), wanted.map(({ tip_seq }) => 1 + below(random, tip_seq))],
    );
  };
  const [tasks, finance, foundation] = [await some("institution", NODES - 205), await some("finance", 200), await some("foundation", 5)];
  return [...tasks, ...finance, ...foundation];
}
