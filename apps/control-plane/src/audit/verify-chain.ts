import { Injectable } from "@nestjs/common";
import type { ChainVerdict } from "@ziggurat/contracts";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { AuditRepository, type Chain, type ChainBounds } from "./audit.repository.js";
import { digestOfLink } from "./chain-link.js";
import { isSignedBy } from "./checkpoint.js";
import { HeadFile, type SignedHead } from "./head-file.js";
import { TreeWalk } from "./merkle/tree-walk.js";
import { ChainWalk, type FirstBad, type Link } from "./walk-chain.js";

/** Links read at once while a chain is walked. */
const BATCH = 2000;
/**
 * Signatures looked at, of the newest heads. An older head is held to the digest of its link, and that link to the heads that came
 * after it; a chain in which every entry has a head of its own would otherwise spend more time on old signatures than on entries.
 */
const SIGNATURES = 10_000;

/**
 * Walks one chain from its first entry to its last signed head. Each batch is read in a transaction of its own: rows are only ever
 * added, so the bounds taken at the start make it one view, and nobody's vacuum waits for a walk of minutes.
 */
@Injectable()
export class VerifyChain {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly keys: PlatformKeys,
    private readonly heads: HeadFile,
  ) {}

  /** @param onProgress told how many more entries were walked, after each batch */
  async walk(viewer: Viewer, chain: Chain, onProgress: (entries: number) => Promise<void> = async () => undefined): Promise<ChainVerdict> {
    const { id } = chain;
    // The file first: the database is then at least as new as what the file remembers.
    const remembered = await this.heads.read(id);
    const { bounds, signedFrom } = await this.unitOfWork.run(viewer, async (tx) => ({
      bounds: await this.audit.bounds(tx, id),
      signedFrom: await this.audit.newestCheckpoints(tx, id, SIGNATURES),
    }));
    const walk = new ChainWalk(
      bounds.lastCheckpoint,
      remembered !== null && this.isGenuine(remembered) ? { ...remembered, isSigned: true } : null,
      bounds.ownerIsErased,
    );
    const tree = new TreeWalk(id, this.keys.auditPublicKey);
    let firstBad: FirstBad | null = null;
    // The next batch is read while this one is worked out: the database and this process then both have something to do.
    const readBehind = (after: number) => {
      const read = this.read(viewer, id, bounds, after);
      // Its failure is told when the batch's turn comes, not before.
      read.catch(() => undefined);
      return read;
    };
    let reading = readBehind(0);
    try {
      while (firstBad === null && walk.length < bounds.lastSequence) {
        const before = walk.length;
        const batch = await reading;
        if (batch.upTo < bounds.lastSequence) reading = readBehind(batch.upTo);
        for (const link of batch.links) {
          const head = batch.checkpoints.get(link.sequence);
          const isChecked = link.sequence >= signedFrom;
          const isSigned = head !== undefined && (!isChecked || this.isGenuine({ institutionId: id, ...head }));
          firstBad = walk.step(link, head && { ...head, isSigned }) ?? tree.step(link, batch.treeHeads.get(link.sequence), isChecked);
          if (firstBad?.problem === "reordered") firstBad = { ...firstBad, problem: await this.orderOrContent(viewer, id, link) };
          if (firstBad !== null) break;
        }
        // A gap at the end of a batch has no link to stumble over.
        if (firstBad === null && walk.length < batch.upTo) firstBad = { sequence: walk.length + 1, problem: "missing" };
        await onProgress(walk.length - before);
      }
    } finally {
      await reading.catch(() => undefined);
    }
    firstBad ??= walk.finish();
    return { chain: chain.slug, entries: walk.length, pending: bounds.pending, ok: firstBad === null, firstBad };
  }

  /** The links behind `after`, with the heads that stand among them. */
  private async read(viewer: Viewer, id: string, { lastSequence, lastCheckpoint }: ChainBounds, after: number) {
    const upTo = Math.min(after + BATCH, lastSequence);
    return this.unitOfWork.run(viewer, async (tx) => {
      const links = await this.audit.links(tx, id, after, upTo);
      const checkpoints = await this.audit.checkpoints(tx, id, after, Math.min(upTo, lastCheckpoint));
      const treeHeads = await this.audit.treeHeads(tx, id, after, upTo);
      return {
        upTo,
        links,
        checkpoints: new Map(checkpoints.map((head) => [head.sequence, head])),
        treeHeads: new Map(treeHeads.map((head) => [head.size, head])),
      };
    });
  }

  private isGenuine(head: SignedHead): boolean {
    return isSignedBy(head, head.signature, this.keys.auditPublicKey);
  }

  /** A link that does not fit its entry: was another entry put in its place, or was this one rewritten with its digest? */
  private async orderOrContent(viewer: Viewer, institutionId: string, link: Link): Promise<FirstBad["problem"]> {
    const digests = await this.unitOfWork.run(viewer, (tx) => this.audit.digests(tx, institutionId));
    return digests.some((digest) => digestOfLink(link.previousDigest, digest) === link.digest) ? "reordered" : "altered";
  }
}
