import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import {
  type AuditFilter,
  EXPORT_MANIFEST_TYPE,
  type ExportAudit,
  type ExportedChain,
  type ExportedEntry,
  ExportManifest,
} from "@ziggurat/contracts";
import type { z } from "zod";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { ed25519Envelope } from "../../platform/keys/ed25519-envelope.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { AuditRepository, type Chain, type StoredTreeHead } from "../audit.repository.js";
import { conditionsOf } from "../audit-conditions.js";
import { digestedOf } from "../chain-link.js";
import { HASH_BYTES, leafOfEntry } from "../merkle/hashes.js";
import { MerkleTree } from "../merkle/merkle-tree.js";
import type { Link } from "../walk-chain.js";

/** Links looked at in one transaction, and digests read in one. */
const WINDOW = 5000;

export interface ChainWithHead extends Chain {
  readonly head: StoredTreeHead;
}

/** What an export says of its own making. */
export interface Stamp {
  readonly exportedAt: string;
  readonly exportedBy: string;
}

/**
 * The lines of an export, some thousand at a time, and last the one that signs them. Written as they are read, in short transactions,
 * so an export of millions of entries holds neither them nor the database. The same wish, heads and stamp give the same bytes.
 */
@Injectable()
export class ExportLines {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly keys: PlatformKeys,
  ) {}

  /** @param first the tree of the first chain, which the caller has built already */
  async *lines(
    viewer: Viewer,
    chains: readonly ChainWithHead[],
    first: MerkleTree | null,
    wish: ExportAudit & { since: number },
    stamp: Stamp,
  ): AsyncGenerator<string> {
    const { proofs, since, ...filter } = wish;
    const hashed = createHash("sha256");
    const exported: z.input<typeof ExportedChain>[] = [];
    for (const chain of chains) {
      const tree = chain === chains[0] && first !== null ? first : await this.tree(viewer, chain);
      const sequences: [number, number][] = [];
      let entries = 0;
      for (let after = since; after < chain.head.size; after += WINDOW) {
        const links = await this.window(viewer, chain, filter, after);
        const text = links.map((link) => `${JSON.stringify(lineOf(chain, link, proofs === "each" ? tree : null))}\n`).join("");
        for (const { sequence } of links) addTo(sequences, sequence);
        entries += links.length;
        hashed.update(text);
        if (text !== "") yield text;
      }
      exported.push({
        chain: chain.slug,
        institutionId: chain.id,
        treeSize: chain.head.size,
        rootHash: chain.head.root.toString("hex"),
        treeHead: chain.head.note,
        entries,
        sequences,
        consistency: since === 0 ? null : { size: since, proof: tree.consistencyProof(since).map((node) => node.toString("base64")) },
      });
    }
    const manifest = ExportManifest.parse({
      format: "ziggurat-audit-export/1",
      ...stamp,
      filters: filter,
      proofs,
      entries: exported.reduce((sum, { entries }) => sum + entries, 0),
      linesSha256: hashed.digest("hex"),
      chains: exported,
    });
    const { auditPrivateKey, auditPublicKey } = this.keys;
    yield `${JSON.stringify(ed25519Envelope(EXPORT_MANIFEST_TYPE, canonicalJson(manifest), auditPrivateKey, auditPublicKey))}\n`;
  }

  private window(viewer: Viewer, chain: ChainWithHead, filter: AuditFilter, after: number): Promise<readonly Link[]> {
    const conditions = conditionsOf(viewer, filter, chain.id);
    return this.unitOfWork.run(viewer, (tx) =>
      this.audit.linkedEntries(tx, chain.id, conditions, after, Math.min(after + WINDOW, chain.head.size)),
    );
  }

  /** The whole tree under the chain's head. @throws Refusal `conflict` when the entries do not give the root that was signed */
  async tree(viewer: Viewer, { id, slug, head }: ChainWithHead): Promise<MerkleTree> {
    const leaves = Buffer.alloc(head.size * HASH_BYTES);
    let count = 0;
    for (let after = 0; after < head.size; after += WINDOW) {
      const upTo = Math.min(after + WINDOW, head.size);
      const digests = await this.unitOfWork.run(viewer, (tx) => this.audit.linkedDigests(tx, id, after, upTo));
      for (const digest of digests) leafOfEntry(digest).copy(leaves, HASH_BYTES * count++);
    }
    const tree = new MerkleTree(leaves);
    if (count === head.size && tree.root().equals(head.root)) return tree;
    const detail = `the chain ${slug} does not fit its signed head of ${head.size} entries; verify it to see where`;
    throw new Refusal("conflict", detail, [{ code: "audit_chain_broken", detail }]);
  }
}

function lineOf(chain: Chain, { sequence, previousDigest, digest, entry }: Link, tree: MerkleTree | null): z.input<typeof ExportedEntry> {
  if (entry === null) throw new Error(`Entry ${sequence} of ${chain.slug} has gone.`);
  return {
    chain: chain.slug,
    sequence,
    entry: digestedOf(entry),
    digest: entry.digest,
    previousLink: previousDigest,
    link: digest,
    ...(entry.redacted_at === null ? {} : { redacted: true as const }),
    ...(tree === null ? {} : { proof: tree.inclusionProof(sequence - 1).map((node) => node.toString("base64")) }),
  };
}

/** Runs of sequences: the next one prolongs the last run or begins one. */
function addTo(runs: [number, number][], sequence: number): void {
  const last = runs.at(-1);
  if (last !== undefined && last[1] === sequence - 1) last[1] = sequence;
  else runs.push([sequence, sequence]);
}
