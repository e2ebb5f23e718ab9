import { Injectable } from "@nestjs/common";
import { Institution } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

interface InstitutionRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly region: string | null;
  readonly state: string;
  readonly members: number;
  readonly models: number;
  readonly created_at: Date;
}

const SELECT = `select i.id, i.slug, i.name, i.region, i.state, i.created_at,
    (select count(*)::int from users u where u.institution_id = i.id and u.removed_at is null and u.kind = 'person') as members,
    (select count(*)::int from models m where m.institution_id = i.id) as models
  from institutions i`;
/** A tenant knows its own institution; that the platform's exists is no secret, but it is not one of theirs. */
const MINE = "($1 = 'platform' or i.id = $2)";

@Injectable()
export class InstitutionsRepository {
  async insert(tx: Tx, institution: { id: string; slug: string; name: string; region: string | null }): Promise<void> {
    await tx.query("insert into institutions (id, slug, name, region) values ($1, $2, $3, $4)", [
      institution.id,
      institution.slug,
      institution.name,
      institution.region,
    ]);
  }

  async find(tx: Tx, slug: string): Promise<Institution | null> {
    const [row] = await tx.query<InstitutionRow>(`${SELECT} where ${MINE} and i.slug = $3`, [
      tx.viewer.reach,
      tx.viewer.institutionId,
      slug,
    ]);
    return row === undefined ? null : institutionOf(row);
  }

  /** By slug, after the given one. */
  async list(tx: Tx, limit: number, afterSlug: string): Promise<readonly Institution[]> {
    const rows = await tx.query<InstitutionRow>(`${SELECT} where ${MINE} and i.slug > $3 order by i.slug limit $4`, [
      tx.viewer.reach,
      tx.viewer.institutionId,
      afterSlug,
      limit,
    ]);
    return rows.map(institutionOf);
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from institutions i where ${MINE}`, [
      tx.viewer.reach,
      tx.viewer.institutionId,
    ]);
    return row?.n ?? 0;
  }
}

function institutionOf(row: InstitutionRow): Institution {
  const { id, slug, name, region, state, members, models } = row;
  return Institution.parse({ id, slug, name, region, state, members, models, createdAt: row.created_at.toISOString() });
}
