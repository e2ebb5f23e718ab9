import { Injectable } from "@nestjs/common";
import { AliasChange, type AliasProposalState } from "@ziggurat/contracts";
import { newId } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { ModelRow } from "../models/model-row.js";

interface StoredProposal {
  readonly id: string;
  readonly name: string;
  readonly change: unknown;
  readonly seen_version_id: string | null;
  readonly reason: string;
  readonly state: AliasProposalState;
  readonly proposer_id: string;
  readonly proposed_by: string;
  readonly proposed_at: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly decision_reason: string | null;
}
export interface ProposalRow extends Omit<StoredProposal, "change"> {
  readonly change: AliasChange;
}

const SELECT = `select id, name, change, seen_version_id, reason, state, proposer_id, proposed_by, proposed_at, decided_by, decided_at,
  decision_reason from alias_proposals`;

/** Changes of names that wait, or waited, for a second person. */
@Injectable()
export class AliasProposalsRepository {
  /** @returns the new id, or null where one is pending for the name */
  async insert(tx: Tx, model: ModelRow, name: string, change: AliasChange, reason: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      `insert into alias_proposals (id, model_id, name, institution_id, change, seen_version_id, reason, proposer_id, proposed_by)
       values ($1, $2, $3, $4, $5, (select version_id from aliases where model_id = $2 and name = $3), $6, $7, $8)
       on conflict (model_id, name) where state = 'pending' do nothing returning id`,
      [newId("aliasProposal"), model.id, name, model.institution_id, JSON.stringify(change), reason, tx.viewer.userId, tx.viewer.name],
    );
    return row?.id ?? null;
  }

  async find(tx: Tx, modelId: string, name: string, id: string): Promise<ProposalRow | null> {
    const [row] = await tx.query<StoredProposal>(`${SELECT} where model_id = $1 and name = $2 and id = $3`, [modelId, name, id]);
    return row === undefined ? null : proposalOf(row);
  }

  /** Newest first. @param before id of the last row of the page before */
  async list(tx: Tx, modelId: string, name: string | null, before: string | null, limit: number): Promise<ProposalRow[]> {
    const rows = await tx.query<StoredProposal>(
      `${SELECT} where model_id = $1 and ($2::text is null or name = $2) and ($3::text is null or id < $3) order by id desc limit $4`,
      [modelId, name, before, limit],
    );
    return rows.map(proposalOf);
  }

  async decide(tx: Tx, id: string, state: AliasProposalState, reason: string): Promise<void> {
    await tx.query(
      `update alias_proposals set state = $2, decider_id = $3, decided_by = $4, decided_at = clock_timestamp(), decision_reason = $5
       where id = $1`,
      [id, state, tx.viewer.userId, tx.viewer.name, reason],
    );
  }

  /** Whether the name points elsewhere than it did when the change was proposed. */
  async hasMoved(tx: Tx, modelId: string, { name, seen_version_id }: ProposalRow): Promise<boolean> {
    const [row] = await tx.query<{ version_id: string }>("select version_id from aliases where model_id = $1 and name = $2", [
      modelId,
      name,
    ]);
    return (row?.version_id ?? null) !== seen_version_id;
  }
}

function proposalOf(row: StoredProposal): ProposalRow {
  return { ...row, change: AliasChange.parse(row.change) };
}
