import { Injectable } from "@nestjs/common";
import type { AuditEntry, AuditVerification, ChainVerdict, ListAudit, Page } from "@ziggurat/contracts";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { Cursors } from "../platform/http/cursor.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { AuditRepository } from "./audit.repository.js";
import { digestOfLink } from "./chain-link.js";
import { isSignedBy } from "./checkpoint.js";
import { HeadFile, type SignedHead } from "./head-file.js";
import { ChainWalk, type CheckedCheckpoint, type FirstBad, type Link } from "./walk-chain.js";

/** Links read at once while a chain is walked. */
const BATCH = 1000;

@Injectable()
export class AuditService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly cursors: Cursors,
    private readonly keys: PlatformKeys,
    private readonly heads: HeadFile,
  ) {}

  async list(viewer: Viewer, query: ListAudit): Promise<Page<AuditEntry>> {
    const { limit, cursor, include, ...filters } = query;
    const binding = `audit?${JSON.stringify(filters, Object.keys(filters).sort())}&for=${viewer.institutionId}`;
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.audit.list(tx, query, limit + 1, before === undefined ? null : String(before));
      const total = include === "total" ? { total: await this.audit.count(tx, query) } : {};
      return { ...this.cursors.page(rows, limit, binding, ({ id }) => [id]), ...total };
    });
  }

  /** Walks every chain the viewer may see from its first entry to its last signed head. */
  async verify(viewer: Viewer): Promise<AuditVerification> {
    const visible = await this.unitOfWork.run(viewer, (tx) => this.audit.chains(tx));
    const chains: ChainVerdict[] = [];
    for (const { id, slug } of visible) {
      // The file first: the database is then at least as new as what the file remembers.
      const remembered = await this.heads.read(id);
      chains.push(await this.unitOfWork.run(viewer, (tx) => this.walk(tx, id, slug, remembered)));
    }
    return { ok: chains.every(({ ok }) => ok), verifiedAt: new Date().toISOString(), chains };
  }

  private async walk(tx: Tx, institutionId: string, slug: string, remembered: SignedHead | null): Promise<ChainVerdict> {
    const bounds = await this.audit.bounds(tx, institutionId);
    const { lastSequence, pending } = bounds;
    const stored = await this.audit.checkpoints(tx, institutionId);
    const walk = new ChainWalk(
      stored.filter(({ sequence }) => sequence <= bounds.lastCheckpoint).map((head) => this.checked({ institutionId, ...head })),
      remembered !== null && this.isGenuine(remembered) ? this.checked(remembered) : null,
    );
    let firstBad: FirstBad | null = null;
    for (let links = await this.next(tx, institutionId, 0, lastSequence); links.length > 0 && firstBad === null; ) {
      for (const link of links) {
        firstBad ??= walk.step(link);
        if (firstBad?.problem === "reordered") firstBad = { ...firstBad, problem: await this.orderOrContent(tx, institutionId, link) };
        if (firstBad !== null) break;
      }
      if (firstBad === null) links = await this.next(tx, institutionId, walk.length, lastSequence);
    }
    firstBad ??= walk.finish();
    return { chain: slug, entries: walk.length, pending, ok: firstBad === null, firstBad };
  }

  private next(tx: Tx, institutionId: string, after: number, upTo: number): Promise<readonly Link[]> {
    return this.audit.links(tx, institutionId, after, upTo, BATCH);
  }

  private checked(head: SignedHead): CheckedCheckpoint {
    return { sequence: head.sequence, digest: head.digest, isSigned: this.isGenuine(head) };
  }

  private isGenuine(head: SignedHead): boolean {
    return isSignedBy(head, head.signature, this.keys.auditPublicKey);
  }

  /** A link that does not fit its entry: was another entry put in its place, or was this one rewritten with its digest? */
  private async orderOrContent(tx: Tx, institutionId: string, link: Link): Promise<FirstBad["problem"]> {
    const digests = await this.audit.digests(tx, institutionId);
    return digests.some((digest) => digestOfLink(link.previousDigest, digest) === link.digest) ? "reordered" : "altered";
  }
}
