import { Injectable } from "@nestjs/common";
import type { CleanUpRule, CleanUpState, PutCleanUpRule, Tier } from "@ziggurat/contracts";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

interface RuleRow {
  readonly name: string;
  readonly revision: number;
  readonly tier: Tier;
  readonly states: CleanUpState[];
  readonly age_days: number;
  readonly is_enabled: boolean;
  readonly reason: string;
  readonly set_by_name: string;
  readonly set_at: Date;
}

const SELECT = "select name, revision, tier, states, age_days, is_enabled, reason, set_by_name, set_at from clean_up_rules";

/** Rules of clean-up. The newest revision of a name holds; the earlier ones stay. */
@Injectable()
export class RulesRepository {
  async newest(tx: Tx, name: string): Promise<CleanUpRule | null> {
    const [row] = await tx.query<RuleRow>(`${SELECT} where name = $1 order by revision desc limit 1`, [name]);
    return row === undefined ? null : ruleOf(row);
  }

  async revision(tx: Tx, name: string, revision: number): Promise<CleanUpRule | null> {
    const [row] = await tx.query<RuleRow>(`${SELECT} where name = $1 and revision = $2`, [name, revision]);
    return row === undefined ? null : ruleOf(row);
  }

  /** The newest of each name. */
  async list(tx: Tx, after: string | null, limit: number): Promise<CleanUpRule[]> {
    const rows = await tx.query<RuleRow>(
      `select distinct on (name) * from (${SELECT}) r where $1::text is null or name > $1 order by name, revision desc limit $2`,
      [after, limit],
    );
    return rows.map(ruleOf);
  }

  /** Every revision of a name, newest first. */
  async revisions(tx: Tx, name: string, before: number | null, limit: number): Promise<CleanUpRule[]> {
    const rows = await tx.query<RuleRow>(
      `${SELECT} where name = $1 and ($2::int is null or revision < $2) order by revision desc limit $3`,
      [name, before, limit],
    );
    return rows.map(ruleOf);
  }

  /** Of two at the same moment one is refused by the key. */
  async insert(tx: Tx, name: string, revision: number, rule: PutCleanUpRule): Promise<void> {
    await tx.query(
      `insert into clean_up_rules (name, revision, institution_id, tier, states, age_days, is_enabled, reason, set_by, set_by_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [name, revision, PLATFORM_ID, rule.tier, rule.states, rule.ageDays, rule.isEnabled, rule.reason, tx.viewer.userId, tx.viewer.name],
    );
  }
}

function ruleOf(row: RuleRow): CleanUpRule {
  return {
    name: row.name,
    revision: row.revision,
    tier: row.tier,
    states: row.states,
    ageDays: row.age_days,
    isEnabled: row.is_enabled,
    reason: row.reason,
    setAt: row.set_at.toISOString(),
    setBy: row.set_by_name,
  };
}
