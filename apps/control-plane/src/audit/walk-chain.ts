import type { ChainVerdict } from "@ziggurat/contracts";
import { digestOfEntry, digestOfLink, type EntryRow, isRedacted } from "./chain-link.js";

export type FirstBad = NonNullable<ChainVerdict["firstBad"]>;

/** One link and the entry it names, null where the entry is gone. */
export interface Link {
  readonly sequence: number;
  readonly entryId: string;
  readonly previousDigest: string | null;
  readonly digest: string;
  readonly entry: EntryRow | null;
}

/** A signed head: of the chain at `sequence`. */
export interface Checkpoint {
  readonly sequence: number;
  readonly digest: string;
  /** False only where the signature was looked at and does not hold. */
  readonly isSigned: boolean;
}

/** Walks a chain link by link and stops at the first that does not hold. Feed links in order of sequence, then `finish`. */
export class ChainWalk {
  private expected = 1;
  private previousDigest: string | null = null;

  /**
   * @param lastCheckpoint sequence of the newest checkpoint stored with the chain, 0 where there is none
   * @param remembered a genuine head kept elsewhere, null where there is none
   * @param ownerIsErased whether its institution was erased: its entries may then have lost their words, not their digests
   */
  constructor(
    private readonly lastCheckpoint: number,
    private readonly remembered: Checkpoint | null,
    private readonly ownerIsErased = false,
  ) {}

  /** Links walked so far. */
  get length(): number {
    return this.expected - 1;
  }

  /** @param checkpoint the one stored for this link, where there is one */
  step(link: Link, checkpoint: Checkpoint | undefined): FirstBad | null {
    const bad = this.judge(link, checkpoint);
    if (bad !== null) return bad;
    this.expected = link.sequence + 1;
    this.previousDigest = link.digest;
    return null;
  }

  /** What only the end shows: a signed head beyond the last link, or links that no stored head vouches for. */
  finish(): FirstBad | null {
    if (Math.max(this.lastCheckpoint, this.remembered?.sequence ?? 0) > this.length) {
      return { sequence: this.expected, problem: "truncated" };
    }
    return this.lastCheckpoint < this.length ? { sequence: this.lastCheckpoint + 1, problem: "checkpoint" } : null;
  }

  private judge({ sequence, previousDigest, digest, entry, entryId }: Link, checkpoint: Checkpoint | undefined): FirstBad | null {
    if (sequence !== this.expected) return { sequence: this.expected, problem: "missing" };
    if (entry === null) return { sequence, problem: "missing" };
    const isWhole = isRedacted(entry, this.ownerIsErased) || digestOfEntry(entry) === entry.digest;
    if (entry.id !== entryId || !isWhole) return { sequence, problem: "altered" };
    if (previousDigest !== this.previousDigest) return { sequence, problem: "reordered" };
    if (digestOfLink(previousDigest, entry.digest) !== digest) return { sequence, problem: "reordered" };
    const heads = [checkpoint, this.remembered?.sequence === sequence ? this.remembered : undefined].filter((head) => head !== undefined);
    return heads.every((head) => head.isSigned && head.digest === digest) ? null : { sequence, problem: "checkpoint" };
  }
}
