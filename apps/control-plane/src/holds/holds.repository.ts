import { Injectable } from "@nestjs/common";
import { type CreateHold, type HoldKind, parseVersionRef } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type HoldRow, SELECT_HOLD } from "./hold-row.js";

/** What is to be held, with its row locked against whoever would purge it now. */
export interface HeldSubject {
  readonly kind: HoldKind;
  readonly ref: string;
  readonly id: string;
  readonly institutionId: string;
  readonly owner: string;
}

const COLUMNS: Record<HoldKind, string> = {
  version: "version_id",
  model: "model_id",
  dataset: "dataset_version_id",
  institution: "held_institution_id",
};

/** How each kind is found by name. */
const FIND: Record<HoldKind, string> = {
  version:
    "select v.id, v.institution_id from versions v join models m on m.id = v.model_id where m.namespace = $1 and m.slug = $2 and v.number = $3",
  model: "select id, institution_id from models where namespace = $1 and slug = $2",
  dataset:
    "select v.id, v.institution_id from dataset_versions v join datasets d on d.id = v.dataset_id where d.namespace = $1 and d.slug = $2 and v.number = $3",
  institution: "select id, id as institution_id from institutions where slug = $1",
};

/** A purge takes the version's row for itself and shares the others: whoever comes second sees what the first has done. */
const LOCK: Record<HoldKind, string> = {
  version: "select 1 from versions where id = $1 for update",
  model: "select 1 from models where id = $1 for no key update",
  dataset: "select 1 from dataset_versions where id = $1 for update",
  institution: "select 1 from institutions where id = $1 for no key update",
};

@Injectable()
export class HoldsRepository {
  /** What a request names, as far as the viewer sees it, locked. */
  async lockSubject(tx: Tx, request: CreateHold): Promise<HeldSubject | null> {
    const [kind, ref] = subjectOf(request);
    const [row] = await tx.query<{ id: string; institution_id: string }>(FIND[kind], nameParts(kind, ref));
    if (row === undefined) return null;
    await tx.query(LOCK[kind], [row.id]);
    const [owner] = await tx.query<{ slug: string }>("select slug from institutions where id = $1", [row.institution_id]);
    return owner === undefined ? null : { kind, ref, id: row.id, institutionId: row.institution_id, owner: owner.slug };
  }

  async insert(tx: Tx, subject: HeldSubject, { reason, reference }: CreateHold): Promise<string> {
    const id = newId("hold");
    await tx.query(
      `insert into legal_holds (id, institution_id, ${COLUMNS[subject.kind]}, subject, reason, reference, set_for, set_by, set_by_name)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        subject.institutionId,
        subject.id,
        subject.ref,
        reason,
        reference ?? null,
        tx.viewer.institutionId,
        tx.viewer.userId,
        tx.viewer.name,
      ],
    );
    return id;
  }

  async find(tx: Tx, id: string): Promise<HoldRow | null> {
    const [row] = await tx.query<HoldRow>(`${SELECT_HOLD} where h.id = $1`, [id]);
    return row ?? null;
  }

  /** The row once everyone who changes it is done; nobody else changes it until this transaction ends. */
  async lock(tx: Tx, id: string): Promise<HoldRow | null> {
    await tx.query("select 1 from legal_holds where id = $1 for update", [id]);
    return this.find(tx, id);
  }

  list(tx: Tx, filter: { readonly isOpen: boolean | null; readonly subject: string | null }, before: string | null, limit: number) {
    return tx.query<HoldRow>(
      `${SELECT_HOLD} where ($1::boolean is null or (h.lifted_at is null) = $1) and ($2::text is null or h.subject = $2)
         and ($3::text is null or h.id < $3) order by h.id desc limit $4`,
      [filter.isOpen, filter.subject, before, limit],
    );
  }

  async askLift(tx: Tx, id: string, reason: string): Promise<void> {
    await tx.query(
      "update legal_holds set lift_asked_by = $2, lift_asked_by_name = $3, lift_asked_at = clock_timestamp(), lift_reason = $4 where id = $1",
      [id, tx.viewer.userId, tx.viewer.name, reason],
    );
  }

  async withdrawLift(tx: Tx, id: string): Promise<void> {
    await tx.query(
      "update legal_holds set lift_asked_by = null, lift_asked_by_name = null, lift_asked_at = null, lift_reason = null where id = $1",
      [id],
    );
  }

  async lift(tx: Tx, id: string): Promise<void> {
    await tx.query("update legal_holds set lifted_by = $2, lifted_by_name = $3, lifted_at = clock_timestamp() where id = $1", [
      id,
      tx.viewer.userId,
      tx.viewer.name,
    ]);
  }
}

function subjectOf({ version, model, dataset, institution }: CreateHold): [HoldKind, string] {
  if (version !== undefined) return ["version", version];
  if (model !== undefined) return ["model", model];
  return dataset === undefined ? ["institution", institution ?? ""] : ["dataset", dataset];
}

function nameParts(kind: HoldKind, ref: string): (string | number)[] {
  if (kind === "institution") return [ref];
  const { namespace, slug, number } = parseVersionRef(ref);
  return kind === "model" ? [namespace, slug] : [namespace, slug, number];
}
