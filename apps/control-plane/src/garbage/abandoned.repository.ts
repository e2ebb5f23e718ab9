import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import { KEEPERS } from "./garbage.repository.js";
import type { UploadKeepers } from "./is-abandoned.js";

/** What keeps unfinished uploads from being given up. */
@Injectable()
export class AbandonedRepository {
  /** @param lock whether these imports may not be asked for again until the transaction ends */
  async keepers(tx: Tx, until: Date, importIds: readonly string[], lock: "lock" | "look"): Promise<UploadKeepers> {
    const imports = await tx.query<{ id: string; finished_at: Date | null }>(
      `select id, finished_at from imports where id = any($1) order by id ${lock === "lock" ? "for update" : ""}`,
      [importIds],
    );
    const working = await tx.query<{ institution_id: string; since: Date }>(`with ${KEEPERS} select * from working`);
    const held = await tx.query<{ institution_id: string }>(`with ${KEEPERS} select * from held`);
    return {
      until,
      working: new Map(working.map(({ institution_id, since }) => [institution_id, since])),
      held: new Set(held.map(({ institution_id }) => institution_id)),
      imports: new Map(imports.map(({ id, finished_at }) => [id, finished_at])),
    };
  }
}
