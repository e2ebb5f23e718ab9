import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import { type AuditFilter, type ExportAudit, type ExportedChain, type ExportedEntry, ExportManifest } from "@ziggurat/contracts";
import type { z } from "zod";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { AuditRepository, type Chain, type StoredTreeHead } from "../audit.repository.js";
import { conditionsOf } from "../audit-conditions.js";
import { digestedOf } from "../chain-link.js";
import { HASH_BYTES, leafOfEntry } from "../merkle/hashes.js";
import { MerkleTree } from "../merkle/merkle-tree.js";
import type { Link } from "../walk-chain.js";
import { signManifest } from "./sign-manifest.js";

/** Links looked at in one transaction, and digests read in one. */
const WINDOW = 5000;

interface ChainWithHead extends Chain {
  readonly head: StoredTreeHead;
}

/**
 * Exports of the log: JSON lines, one entry each with its proof, and a last line that signs the whole. Written as it is read, in
 * short transactions, so an export of millions of entries holds neither them nor the database.
 */
@Injectable()
export class AuditExport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly keys: PlatformKeys,
  ) {}

  /**
   * Checks the wish, notes it in every chain that is read, and answers the lines to come.
   * @throws Refusal `invalid` for parameters that do not go together, `rule` when a chain is unknown or not sealed as far as asked
   */
  async open(viewer: Viewer, wish: ExportAudit): Promise<AsyncGenerator<string>> {
    const { proofs: _, since = 0, ...filter } = wish;
    refuseMismatch(filter, wish);
    const chains = await this.unitOfWork.run(viewer, async (tx) => {
      const slug = filter["filter[chain]"] ?? null;
      const found = await this.audit.chains(tx, slug);
      if (found.length === 0)
        refuseIfAny([{ code: "chain_unknown", detail: `there is no chain ${slug} that you can see`, pointer: "/filter[chain]" }]);
      const sealed: ChainWithHead[] = [];
      for (const chain of found) {
        const head = await this.audit.newestTreeHead(tx, chain.id);
        if (head !== null && head.size >= since) sealed.push({ ...chain, head });
        else if (since > 0)
          refuseIfAny([{ code: "since_beyond", detail: `${chain.slug} is sealed up to ${head?.size ?? 0}`, pointer: "/since" }]);
      }
      // An institution sees in its own chain who took its history along.
      for (const { id, slug: object } of sealed)
        await tx.audit({ institutionId: id, action: "audit.export", object, after: { filter, since } });
      return sealed;
    });
    // The first tree is built before the answer begins, so that a broken chain is refused in words.
    const first = chains[0] === undefined ? null : await this.tree(viewer, chains[0]);
    return this.lines(viewer, chains, first, { ...wish, since });
  }

  private async *lines(
    viewer: Viewer,
    chains: readonly ChainWithHead[],
    first: MerkleTree | null,
    wish: ExportAudit & { since: number },
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
      exportedAt: new Date().toISOString(),
      exportedBy: viewer.name,
      filters: filter,
      proofs,
      entries: exported.reduce((sum, { entries }) => sum + entries, 0),
      linesSha256: hashed.digest("hex"),
      chains: exported,
    });
    yield `${JSON.stringify(signManifest(manifest, this.keys.auditPrivateKey, this.keys.auditPublicKey))}\n`;
  }

  private window(viewer: Viewer, chain: ChainWithHead, filter: AuditFilter, after: number): Promise<readonly Link[]> {
    const conditions = conditionsOf(viewer, filter, chain.id);
    return this.unitOfWork.run(viewer, (tx) =>
      this.audit.linkedEntries(tx, chain.id, conditions, after, Math.min(after + WINDOW, chain.head.size)),
    );
  }

  /** The whole tree under the chain's newest head. @throws Refusal `conflict` when the entries do not give the root that was signed */
  private async tree(viewer: Viewer, { id, slug, head }: ChainWithHead): Promise<MerkleTree> {
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

function refuseMismatch(filter: AuditFilter, { proofs, since }: ExportAudit): void {
  const narrows = Object.keys(filter).some((name) => name !== "filter[chain]");
  refuseIfAny(
    [
      ...(since !== undefined && filter["filter[chain]"] === undefined
        ? [{ code: "since_without_chain", detail: "since: name the chain with filter[chain]" }]
        : []),
      ...(proofs === "none" && (narrows || since !== undefined)
        ? [{ code: "proofs_needed", detail: "proofs=none is for whole chains: entries chosen out of one need their proofs" }]
        : []),
    ],
    "invalid",
  );
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
    ...(tree === null ? {} : { proof: tree.inclusionProof(sequence - 1).map((node) => node.toString("base64")) }),
  };
}

/** Runs of sequences: the next one prolongs the last run or begins one. */
function addTo(runs: [number, number][], sequence: number): void {
  const last = runs.at(-1);
  if (last !== undefined && last[1] === sequence - 1) last[1] = sequence;
  else runs.push([sequence, sequence]);
}
