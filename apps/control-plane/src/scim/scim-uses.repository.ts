import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface ScimUse {
  readonly last_used_at: Date | null;
  readonly last_token: string | null;
  readonly people: number;
  readonly groups: number;
}

/** When an institution's directory came last. */
@Injectable()
export class ScimUsesRepository {
  /** To the minute: a directory that sends a thousand people writes this once. */
  async note(tx: Tx, tokenId: string): Promise<void> {
    await tx.query(
      `insert into scim_uses (institution_id, last_used_at, token_id) values ($1, now(), $2)
       on conflict (institution_id) do update set last_used_at = now(), token_id = excluded.token_id
         where scim_uses.last_used_at < now() - interval '1 minute' or scim_uses.token_id <> excluded.token_id`,
      [tx.viewer.institutionId, tokenId],
    );
  }

  async find(tx: Tx): Promise<ScimUse> {
    const [row] = await tx.query<ScimUse>(
      `select (select last_used_at from scim_uses where institution_id = $1) as last_used_at,
         (select t.name from scim_uses x join tokens t on t.id = x.token_id where x.institution_id = $1) as last_token,
         (select count(*)::int from scim_users s join users u on u.id = s.user_id where s.institution_id = $1 and u.removed_at is null) as people,
         (select count(*)::int from scim_groups where institution_id = $1) as groups`,
      [tx.viewer.institutionId],
    );
    if (row === undefined) throw new Error("the use of the directory's door was not answered");
    return row;
  }
}
