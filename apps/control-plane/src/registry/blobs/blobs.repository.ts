import { Injectable } from "@nestjs/common";
import { PULLABLE_STATES } from "@ziggurat/pyramid";
import { PLATFORM_ID } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";

/** Who brought which bytes. A digest alone opens nothing: an institution reads what it brought, and what was released to it. */
@Injectable()
export class BlobsRepository {
  /** Sizes, by digest, of those blobs the viewer's institution brought itself. */
  async granted(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ sha256: string; size_bytes: string }>(
      `select g.sha256, b.size_bytes from blob_grants g join blobs b using (sha256)
       where g.institution_id = $1 and g.sha256 = any($2)`,
      [tx.viewer.institutionId, digests],
    );
    return new Map(rows.map((row) => [row.sha256, Number(row.size_bytes)]));
  }

  /** The same, and those that lie in a released version of the shared tiers. Drafts and withdrawn versions open nothing. */
  async readable(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    const own = await this.granted(tx, digests);
    const others = digests.filter((sha256) => !own.has(sha256));
    if (others.length === 0) return own;
    const rows = await tx.query<{ sha256: string; size_bytes: string }>(
      `select distinct f.sha256, f.size_bytes from version_files f join versions v on v.id = f.version_id
       where f.sha256 = any($1) and v.institution_id = $2 and v.state = any($3)`,
      [others, PLATFORM_ID, PULLABLE_STATES],
    );
    return new Map([...own, ...rows.map((row) => [row.sha256, Number(row.size_bytes)] as const)]);
  }

  async grant(tx: Tx, institutionId: string, sha256: string, sizeBytes: number): Promise<void> {
    await tx.query("insert into blobs (sha256, size_bytes) values ($1, $2) on conflict do nothing", [sha256, sizeBytes]);
    await tx.query("insert into blob_grants (institution_id, sha256) values ($1, $2) on conflict do nothing", [institutionId, sha256]);
  }
}
