import { Injectable } from "@nestjs/common";
import { QuotaLimits, type QuotaProposalState } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface QuotaRow {
  readonly institution_id: string;
  readonly revision: number;
  readonly limits: QuotaLimits;
  readonly set_by: string;
  readonly set_at: Date;
}
export interface ProposalRow {
  readonly id: string;
  readonly institution_id: string;
  readonly institution: string;
  readonly revision: number;
  readonly before: unknown;
  readonly limits: unknown;
  readonly reason: string;
  readonly state: QuotaProposalState;
  readonly is_stale: boolean;
  readonly proposed_by: string;
  readonly proposed_by_name: string;
  readonly proposed_at: Date;
  readonly decided_by_name: string | null;
  readonly decided_at: Date | null;
  readonly decision_reason: string | null;
}

const SELECT = `
  select p.*, i.slug as institution, p.revision <> coalesce(q.revision, 0) as is_stale
  from quota_proposals p join institutions i on i.id = p.institution_id left join quotas q on q.institution_id = p.institution_id`;

@Injectable()
export class QuotasRepository {
  async institution(tx: Tx, slug: string): Promise<{ readonly id: string } | null> {
    const [row] = await tx.query<{ id: string }>("select id from institutions where slug = $1", [slug]);
    return row ?? null;
  }

  /** One at a time per institution until this transaction ends: whoever uses its quota, and whoever changes it. */
  async lock(tx: Tx, institutionId: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('quota/' || $1, 0))", [institutionId]);
  }

  async find(tx: Tx, institutionId: string): Promise<QuotaRow | null> {
    const [row] = await tx.query<Omit<QuotaRow, "limits"> & { limits: unknown }>("select * from quotas where institution_id = $1", [
      institutionId,
    ]);
    return row === undefined ? null : { ...row, limits: QuotaLimits.parse(row.limits) };
  }

  /** Every institution that is limited. */
  async all(tx: Tx): Promise<(QuotaRow & { readonly institution: string })[]> {
    const rows = await tx.query<Omit<QuotaRow, "limits"> & { limits: unknown; institution: string }>(
      "select q.*, i.slug as institution from quotas q join institutions i on i.id = q.institution_id order by q.institution_id",
    );
    return rows.map((row) => ({ ...row, limits: QuotaLimits.parse(row.limits) }));
  }

  /** Puts new limits in the place of a revision. @returns whether it was still that one */
  async set(tx: Tx, institutionId: string, revision: number, limits: QuotaLimits): Promise<boolean> {
    const rows = await tx.query(
      `insert into quotas (institution_id, revision, limits, set_by) select $1, 1, $3, $4 where $2 = 0
       on conflict do nothing returning revision`,
      [institutionId, revision, JSON.stringify(limits), tx.viewer.name],
    );
    if (rows.length > 0) return true;
    const changed = await tx.query(
      `update quotas set revision = revision + 1, limits = $3, set_by = $4, set_at = now()
       where institution_id = $1 and revision = $2 and $2 > 0 returning revision`,
      [institutionId, revision, JSON.stringify(limits), tx.viewer.name],
    );
    return changed.length > 0;
  }

  async pending(tx: Tx, institutionId: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>("select id from quota_proposals where institution_id = $1 and state = 'pending'", [
      institutionId,
    ]);
    return row?.id ?? null;
  }

  async propose(
    tx: Tx,
    institutionId: string,
    proposal: { readonly revision: number; readonly before: QuotaLimits | null; readonly limits: QuotaLimits; readonly reason: string },
  ): Promise<string> {
    const id = newId("quotaProposal");
    await tx.query(
      `insert into quota_proposals (id, institution_id, revision, before, limits, reason, proposed_by, proposed_by_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        id,
        institutionId,
        proposal.revision,
        proposal.before === null ? null : JSON.stringify(proposal.before),
        JSON.stringify(proposal.limits),
        proposal.reason,
        tx.viewer.userId,
        tx.viewer.name,
      ],
    );
    return id;
  }

  async proposal(tx: Tx, institutionId: string, id: string): Promise<ProposalRow | null> {
    const [row] = await tx.query<ProposalRow>(`${SELECT} where p.id = $1 and p.institution_id = $2`, [id, institutionId]);
    return row ?? null;
  }

  /** One page, newest first. */
  proposals(tx: Tx, institutionId: string, state: QuotaProposalState | null, before: string | null, limit: number): Promise<ProposalRow[]> {
    return tx.query<ProposalRow>(
      `${SELECT} where p.institution_id = $1 and ($2::text is null or p.state = $2) and ($3::text is null or p.id < $3)
       order by p.id desc limit $4`,
      [institutionId, state, before, limit],
    );
  }

  async countProposals(tx: Tx, institutionId: string, state: QuotaProposalState | null): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      "select count(*)::int as n from quota_proposals where institution_id = $1 and ($2::text is null or state = $2)",
      [institutionId, state],
    );
    return row?.n ?? 0;
  }

  /** @returns whether it was pending until now */
  async decide(tx: Tx, id: string, state: Exclude<QuotaProposalState, "pending">, reason: string): Promise<boolean> {
    const rows = await tx.query(
      `update quota_proposals set state = $2, decided_by = $3, decided_by_name = $4, decided_at = now(), decision_reason = $5
       where id = $1 and state = 'pending' returning id`,
      [id, state, tx.viewer.userId, tx.viewer.name, reason],
    );
    return rows.length > 0;
  }

  /** @returns whether it is told now for the first time in this month */
  async warn(tx: Tx, institutionId: string, dimension: string, period: string, threshold: number): Promise<boolean> {
    const rows = await tx.query(
      `insert into quota_warnings (institution_id, dimension, period, threshold) values ($1, $2, $3, $4) on conflict do nothing
       returning dimension`,
      [institutionId, dimension, period, threshold],
    );
    return rows.length > 0;
  }

  /** A queued job of the institution, to wake those who wait. */
  async queuedJob(tx: Tx, institutionId: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      "select id from jobs where institution_id = $1 and state = 'queued' order by queued_at limit 1",
      [institutionId],
    );
    return row?.id ?? null;
  }
}
