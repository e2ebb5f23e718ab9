import type { KeyObject } from "node:crypto";
import type { StoredTreeHead } from "../audit.repository.js";
import type { FirstBad, Link } from "../walk-chain.js";
import { Frontier } from "./frontier.js";
import { leafOfEntry } from "./hashes.js";
import { isTreeHeadSignedBy } from "./tree-head.js";

/** Grows the Merkle tree of a chain again and holds every signed head of it against the root at that size. */
export class TreeWalk {
  private readonly tree = new Frontier();

  constructor(
    private readonly institutionId: string,
    private readonly publicKey: KeyObject,
  ) {}

  /** Feed links that hold, in order of sequence, each with the head of that size where there is one. */
  step({ sequence, entry }: Link, head: StoredTreeHead | undefined, isSignatureChecked: boolean): FirstBad | null {
    if (entry === null) return null;
    this.tree.append(leafOfEntry(entry.digest));
    if (head === undefined) return null;
    const [institutionId, root] = [this.institutionId, this.tree.root()];
    const isSigned = !isSignatureChecked || isTreeHeadSignedBy(head.note, { institutionId, size: sequence, root }, this.publicKey);
    return isSigned && head.root.equals(root) ? null : { sequence, problem: "checkpoint" };
  }
}
