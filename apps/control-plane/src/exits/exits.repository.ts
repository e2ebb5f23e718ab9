import { Injectable } from "@nestjs/common";
import type { ExitBlocker, ExitSide, ExitState, InstitutionState } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface ExitRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly state: ExitState;
  readonly reason: string;
  readonly started_by: string;
  readonly started_by_name: string;
  readonly started_side: ExitSide;
  readonly started_at: Date;
  readonly approved_by: string | null;
  readonly approved_by_name: string | null;
  readonly approved_side: ExitSide | null;
  readonly approved_at: Date | null;
  readonly waiver: string | null;
  readonly erases_at: Date | null;
  readonly export_id: string | null;
  readonly blockers: ExitBlocker[];
  readonly began_at: Date | null;
  readonly steps_done: number;
  readonly counts: Readonly<Record<string, { readonly deleted: number; readonly blanked: number }>>;
  readonly finished_at: Date | null;
  readonly cancelled_by_name: string | null;
  readonly cancel_reason: string | null;
  readonly certificate_key: string;
  readonly certificate: unknown;
  readonly detail: string | null;
}

export interface LeavingInstitution {
  readonly id: string;
  readonly slug: string;
  readonly state: InstitutionState;
}

const SELECT = "select x.*, i.slug from institution_exits x join institutions i on i.id = x.institution_id";

/** Exits of institutions: who asked, who agreed, and how far the erasure is. */
@Injectable()
export class ExitsRepository {
  async institution(tx: Tx, slug: string): Promise<LeavingInstitution | null> {
    const [row] = await tx.query<LeavingInstitution>("select id, slug, state from institutions where slug = $1", [slug]);
    return row ?? null;
  }

  /** The institution once every write under way is done; one that comes now waits and finds the state that follows. */
  async lockInstitution(tx: Tx, id: string): Promise<LeavingInstitution> {
    const [row] = await tx.query<LeavingInstitution>("select id, slug, state from institutions where id = $1 for update", [id]);
    if (row === undefined) throw new Error(`Institution ${id} is gone.`);
    return row;
  }

  async setState(tx: Tx, id: string, state: InstitutionState): Promise<void> {
    await tx.query("update institutions set state = $2 where id = $1", [id, state]);
  }

  async newest(tx: Tx, institutionId: string): Promise<ExitRow | null> {
    const [row] = await tx.query<ExitRow>(`${SELECT} where x.institution_id = $1 order by x.id desc limit 1`, [institutionId]);
    return row ?? null;
  }

  async find(tx: Tx, id: string): Promise<ExitRow | null> {
    const [row] = await tx.query<ExitRow>(`${SELECT} where x.id = $1`, [id]);
    return row ?? null;
  }

  async byCertificateKey(tx: Tx, key: string): Promise<ExitRow | null> {
    const [row] = await tx.query<ExitRow>(`${SELECT} where x.certificate_key = $1 and x.state = 'erased'`, [key]);
    return row ?? null;
  }

  async insert(tx: Tx, row: Pick<ExitRow, "id" | "institution_id" | "reason" | "started_side" | "certificate_key">): Promise<void> {
    await tx.query(
      `insert into institution_exits (id, institution_id, reason, started_side, certificate_key, started_by, started_by_name)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [row.id, row.institution_id, row.reason, row.started_side, row.certificate_key, tx.viewer.userId, tx.viewer.name],
    );
  }

  async approve(
    tx: Tx,
    id: string,
    word: {
      readonly side: ExitSide;
      readonly at: Date;
      readonly erasesAt: Date;
      readonly waiver: string | null;
      readonly exportId: string | null;
    },
  ): Promise<void> {
    await tx.query(
      `update institution_exits set approved_by = $2, approved_by_name = $3, approved_side = $4, approved_at = $5, erases_at = $6, due_at = $6,
         waiver = $7, export_id = $8, blockers = '[]' where id = $1`,
      [id, tx.viewer.userId, tx.viewer.name, word.side, word.at, word.erasesAt, word.waiver, word.exportId],
    );
  }

  async cancel(tx: Tx, id: string, reason: string): Promise<void> {
    await tx.query(
      `update institution_exits set state = 'cancelled', due_at = null, finished_at = now(), cancelled_by_name = $2, cancel_reason = $3 where id = $1`,
      [id, tx.viewer.name, reason],
    );
  }

  /** Looked at again after a while; what is in the way is told meanwhile. */
  async postpone(tx: Tx, id: string, blockers: readonly ExitBlocker[], seconds: number): Promise<void> {
    await tx.query("update institution_exits set blockers = $2, due_at = now() + make_interval(secs => $3) where id = $1", [
      id,
      JSON.stringify(blockers),
      seconds,
    ]);
  }
}
