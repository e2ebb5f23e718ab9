import type { ChainVerdict } from "@ziggurat/contracts";
import { digestOfEntry, digestOfLink, type EntryRow } from "./chain-link.js";

export type FirstBad = NonNullable<ChainVerdict["firstBad"]>;

/** One link and the entry it names, null where the entry is gone. */
export interface Link {
  readonly sequence: number;
  readonly entryId: string;
  readonly previousDigest: string | null;
  readonly digest: string;
  readonly entry: EntryRow | null;
}

/** A checkpoint whose signature was looked at. */
export interface CheckedCheckpoint {
  readonly sequence: number;
  readonly digest: string;
  readonly isSigned: boolean;
}

/** Walks a chain link by link and stops at the first that does not hold. Feed links in order of sequence, then `finish`. */
export class ChainWalk {
  private expected = 1;
  private previousDigest: string | null = null;
  private readonly heads: ReadonlyMap<number, readonly CheckedCheckpoint[]>;

  /**
   * @param checkpoints every checkpoint stored with the chain, in order of sequence
   * @param remembered a genuine head kept elsewhere, null where there is none
   */
  constructor(
    private readonly checkpoints: readonly CheckedCheckpoint[],
    private readonly remembered: CheckedCheckpoint | null,
  ) {
    const heads = new Map(checkpoints.map((checkpoint) => [checkpoint.sequence, [checkpoint]]));
    if (remembered !== null) heads.set(remembered.sequence, [...(heads.get(remembered.sequence) ?? []), remembered]);
    this.heads = heads;
  }

  /** Links walked so far. */
  get length(): number {
    return this.expected - 1;
  }

  step(link: Link): FirstBad | null {
    const bad = this.judge(link);
    if (bad !== null) return bad;
    this.expected = link.sequence + 1;
    this.previousDigest = link.digest;
    return null;
  }

  /** What only the end shows: a signed head beyond the last link, or links that no stored head vouches for. */
  finish(): FirstBad | null {
    const vouched = this.checkpoints.at(-1)?.sequence ?? 0;
    if (Math.max(vouched, this.remembered?.sequence ?? 0) > this.length) return { sequence: this.expected, problem: "truncated" };
    return vouched < this.length ? { sequence: vouched + 1, problem: "checkpoint" } : null;
  }

  private judge({ sequence, previousDigest, digest, entry, entryId }: Link): FirstBad | null {
    if (sequence !== this.expected) return { sequence: this.expected, problem: "missing" };
    if (entry === null) return { sequence, problem: "missing" };
    if (entry.id !== entryId || digestOfEntry(entry) !== entry.digest) return { sequence, problem: "altered" };
    if (previousDigest !== this.previousDigest) return { sequence, problem: "reordered" };
    if (digestOfLink(previousDigest, entry.digest) !== digest) return { sequence, problem: "reordered" };
    const heads = this.heads.get(sequence) ?? [];
    return heads.every((head) => head.isSigned && head.digest === digest) ? null : { sequence, problem: "checkpoint" };
  }
}
