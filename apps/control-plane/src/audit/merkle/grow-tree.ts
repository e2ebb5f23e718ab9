import { Injectable, Logger } from "@nestjs/common";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { digestOfLink } from "../chain-link.js";
import { Frontier } from "./frontier.js";
import { leafOfEntry } from "./hashes.js";
import { signTreeHead } from "./tree-head.js";

/** Links read at once while a tree catches up. */
const BATCH = 5000;

interface LinkedRow {
  readonly sequence: string;
  readonly previous_digest: string | null;
  readonly link: string;
  readonly digest: string | null;
}

/** Lets the Merkle tree over a chain's entries grow and signs its new head. Call it while no other sealer has the chain. */
@Injectable()
export class GrowTree {
  private readonly logger = new Logger("Audit trees");

  constructor(private readonly keys: PlatformKeys) {}

  /** Up to the link `upTo`. A chain that does not hold gets no head: a signature over it would say that it does. */
  async grow(tx: Tx, institutionId: string, upTo: number): Promise<void> {
    const [stored] = await tx.query<{ tree_size: string; subtrees: string[] }>(
      "select tree_size, subtrees from audit_frontiers where institution_id = $1",
      [institutionId],
    );
    const tree = new Frontier(
      Number(stored?.tree_size ?? 0),
      (stored?.subtrees ?? []).map((root) => Buffer.from(root, "hex")),
    );
    if (tree.size >= upTo) return;
    if (!(await this.append(tx, institutionId, tree, upTo))) {
      this.logger.error(`The chain of ${institutionId} does not hold behind entry ${tree.size}; its tree gets no new head.`);
      return;
    }
    const root = tree.root();
    const note = signTreeHead({ institutionId, size: tree.size, root }, this.keys.auditPrivateKey, this.keys.auditPublicKey);
    await tx.query("insert into audit_tree_heads (institution_id, tree_size, root_hash, note, at) values ($1, $2, $3, $4, now())", [
      institutionId,
      tree.size,
      root.toString("hex"),
      note,
    ]);
    await tx.query(
      `insert into audit_frontiers (institution_id, tree_size, subtrees) values ($1, $2, $3)
       on conflict (institution_id) do update set tree_size = excluded.tree_size, subtrees = excluded.subtrees`,
      [institutionId, tree.size, tree.subtrees().map((subtree) => subtree.toString("hex"))],
    );
  }

  /** Chains whose last link no tree head reaches. */
  async behind(tx: Tx): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(
      `select i.id from institutions i
        where (select max(c.sequence) from audit_chain c where c.institution_id = i.id)
            > coalesce((select f.tree_size from audit_frontiers f where f.institution_id = i.id), 0)`,
    );
    return rows.map(({ id }) => id);
  }

  /** @returns false where a link is missing or does not hold */
  private async append(tx: Tx, institutionId: string, tree: Frontier, upTo: number): Promise<boolean> {
    let previous: string | null = null;
    const start = tree.size;
    while (tree.size < upTo) {
      const rows: readonly LinkedRow[] = await tx.query<LinkedRow>(
        `select c.sequence, c.previous_digest, c.digest as link, e.digest
           from audit_chain c left join audit_entries e on e.id = c.entry_id
          where c.institution_id = $1 and c.sequence > $2 and c.sequence <= $3 order by c.sequence limit ${BATCH}`,
        [institutionId, tree.size, upTo],
      );
      if (rows.length === 0) return false;
      for (const row of rows) {
        const continues = tree.size === start || row.previous_digest === previous;
        if (Number(row.sequence) !== tree.size + 1 || row.digest === null || !continues) return false;
        if (digestOfLink(row.previous_digest, row.digest) !== row.link) return false;
        tree.append(leafOfEntry(row.digest));
        previous = row.link;
      }
    }
    return true;
  }
}
