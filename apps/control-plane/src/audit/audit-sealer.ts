import { Injectable } from "@nestjs/common";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { digestOfLink } from "./chain-link.js";
import { signCheckpoint } from "./checkpoint.js";
import { HeadFile } from "./head-file.js";
import { GrowTree } from "./merkle/grow-tree.js";

/** Entries chained in one transaction. */
const BATCH = 2000;

const sealer = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sealer");

interface Head {
  readonly sequence: number;
  readonly digest: string | null;
}

/** Chains what was written since the last turn, one chain per institution, lets its Merkle tree grow, and signs each new head of both. */
@Injectable()
export class AuditSealer {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: PlatformKeys,
    private readonly heads: HeadFile,
    private readonly trees: GrowTree,
  ) {}

  /** @returns how many entries were chained */
  async seal(): Promise<number> {
    const waiting = await this.unitOfWork.run(sealer, (tx) =>
      tx.query<{ institution_id: string }>("select distinct institution_id from audit_pending"),
    );
    let sealed = 0;
    for (const { institution_id } of waiting) {
      for (let batch = BATCH; batch === BATCH; sealed += batch) batch = await this.sealBatch(institution_id);
    }
    return sealed;
  }

  /** Picks up entries whose note was lost; without one they would wait for ever. */
  async noteForgotten(): Promise<void> {
    await this.unitOfWork.run(sealer, (tx) =>
      tx.query(
        `insert into audit_pending (entry_id, institution_id)
         select e.id, e.institution_id from audit_entries e
          where not exists (select from audit_chain c where c.entry_id = e.id)
         on conflict do nothing`,
      ),
    );
  }

  /** Gives every chain a tree head that has none for its last link: chains sealed by a release without trees. */
  async growBehind(): Promise<void> {
    const behind = await this.unitOfWork.run(sealer, (tx) => this.trees.behind(tx));
    for (const institutionId of behind) {
      await this.unitOfWork.run(sealer, async (tx) => {
        await lockChain(tx, institutionId);
        const last = await lastLink(tx, institutionId);
        if (last !== undefined) await this.trees.grow(tx, institutionId, Number(last.sequence));
      });
    }
  }

  private async sealBatch(institutionId: string): Promise<number> {
    const checkpoint = await this.unitOfWork.run(sealer, async (tx) => {
      await lockChain(tx, institutionId);
      const noted = await tx.query<{ id: string; digest: string; is_chained: boolean }>(
        `select e.id, e.digest, exists (select from audit_chain c where c.entry_id = e.id) as is_chained
           from audit_pending p join audit_entries e on e.id = p.entry_id
          where p.institution_id = $1 order by p.entry_id limit ${BATCH}`,
        [institutionId],
      );
      await tx.query("delete from audit_pending where entry_id = any($1)", [noted.map(({ id }) => id)]);
      const entries = noted.filter(({ is_chained }) => !is_chained);
      if (entries.length === 0) return { count: noted.length, signed: null };
      const head = await this.chain(tx, institutionId, entries);
      await this.trees.grow(tx, institutionId, head.sequence);
      const body = { institutionId, sequence: head.sequence, digest: head.digest ?? "", at: new Date().toISOString() };
      const signed = { ...body, signature: signCheckpoint(body, this.keys.auditPrivateKey) };
      await tx.query("insert into audit_checkpoints (institution_id, sequence, digest, at, signature) values ($1, $2, $3, $4, $5)", [
        institutionId,
        signed.sequence,
        signed.digest,
        signed.at,
        signed.signature,
      ]);
      return { count: noted.length, signed };
    });
    if (checkpoint.signed !== null) await this.heads.remember(checkpoint.signed);
    return checkpoint.count;
  }

  private async chain(tx: Tx, institutionId: string, entries: readonly { id: string; digest: string }[]): Promise<Head> {
    const last = await lastLink(tx, institutionId);
    let head: Head = last === undefined ? { sequence: 0, digest: null } : { sequence: Number(last.sequence), digest: last.digest };
    const links = entries.map(({ id, digest }) => {
      const link = { entryId: id, sequence: head.sequence + 1, previous: head.digest, digest: digestOfLink(head.digest, digest) };
      head = link;
      return link;
    });
    await tx.query(
      `insert into audit_chain (institution_id, sequence, entry_id, previous_digest, digest)
       select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[])`,
      [
        institutionId,
        links.map(({ sequence }) => sequence),
        links.map(({ entryId }) => entryId),
        links.map(({ previous }) => previous),
        links.map(({ digest }) => digest),
      ],
    );
    return head;
  }
}

/** One sealer per chain at a time; the next one sees the head this one leaves. */
async function lockChain(tx: Tx, institutionId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext($1))", [`audit chain ${institutionId}`]);
}

async function lastLink(tx: Tx, institutionId: string): Promise<{ sequence: string; digest: string } | undefined> {
  const [last] = await tx.query<{ sequence: string; digest: string }>(
    "select sequence, digest from audit_chain where institution_id = $1 order by sequence desc limit 1",
    [institutionId],
  );
  return last;
}
