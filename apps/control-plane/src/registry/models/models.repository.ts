import { Injectable } from "@nestjs/common";
import type { CreateModel, ListModels, Model } from "@ziggurat/contracts";
import type { ModelFacts } from "@ziggurat/pyramid";
import { newId, PLATFORM_ID } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { type ModelRow, modelFacts } from "./model-row.js";

/** Owners count by arithmetic; others count what the policies of the versions table let through. */
const SELECT = `
  select m.id, m.institution_id, i.slug as owner, i.region, m.namespace, m.slug, m.tier, m.name, m.card, m.licence, m.terms, m.scenario, m.tags,
    m.created_at, m.updated_at, latest.number as latest_number, latest.state as latest_state,
    case when app_reach() <> 'tenant' or m.institution_id = app_institution() then m.next_version - 1
      else (select count(*)::int from versions v where v.model_id = m.id) end as versions,
    coalesce((select jsonb_object_agg(a.name, v.number) from aliases a join versions v on v.id = a.version_id where a.model_id = m.id), '{}') as aliases
  from models m join institutions i on i.id = m.institution_id
  left join lateral (select v.number, v.state from versions v where v.model_id = m.id order by v.number desc limit 1) latest on true`;

/** A shared model becomes part of the catalogue with its first released version. */
const VISIBLE = `(app_reach() <> 'tenant' or m.institution_id = app_institution() or latest.number is not null)`;

@Injectable()
export class ModelsRepository {
  async find(tx: Tx, namespace: string, slug: string): Promise<ModelRow | null> {
    const [row] = await tx.query<ModelRow>(`${SELECT} where m.namespace = $1 and m.slug = $2 and ${VISIBLE}`, [namespace, slug]);
    return row ?? null;
  }

  /** Whether it is there for the viewer, without counting what stands in it. */
  async idOf(tx: Tx, namespace: string, slug: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      `select m.id from models m where m.namespace = $1 and m.slug = $2
         and (app_reach() <> 'tenant' or m.institution_id = app_institution() or exists (select from versions v where v.model_id = m.id))`,
      [namespace, slug],
    );
    return row?.id ?? null;
  }

  /** The models with these names, as far as the viewer sees them. */
  async byRefs(tx: Tx, refs: readonly string[]): Promise<ModelRow[]> {
    if (refs.length === 0) return [];
    return tx.query<ModelRow>(`${SELECT} where m.namespace || '/' || m.slug = any($1) and m.namespace = any($2) and ${VISIBLE}`, [
      refs,
      refs.map((ref) => ref.split("/")[0]),
    ]);
  }

  /** Where an institution's models stand. */
  async regionOf(tx: Tx, institutionId: string): Promise<string | null> {
    const [row] = await tx.query<{ region: string | null }>("select region from institutions where id = $1", [institutionId]);
    return row?.region ?? null;
  }

  async byId(tx: Tx, id: string): Promise<{ readonly institutionId: string; readonly facts: ModelFacts } | null> {
    const [row] = await tx.query<ModelRow>(`${SELECT} where m.id = $1`, [id]);
    return row === undefined ? null : { institutionId: row.institution_id, facts: modelFacts(row) };
  }

  /** One page, newest first. `before` is the id of the last row of the page before. */
  list(tx: Tx, query: ListModels, before: string | null): Promise<ModelRow[]> {
    return tx.query<ModelRow>(`${SELECT} where ${FILTER} and ($5::text is null or m.id < $5) order by m.id desc limit $6`, [
      ...filters(query),
      before,
      query.limit + 1,
    ]);
  }

  async count(tx: Tx, query: ListModels): Promise<number> {
    const [row] = await tx.query<{ total: number }>(`select count(*)::int as total from (${SELECT} where ${FILTER}) found`, filters(query));
    return row?.total ?? 0;
  }

  /** @returns the new id, or null when the name is taken */
  async insert(tx: Tx, request: CreateModel, institutionId: string): Promise<string | null> {
    const [row] = await tx.query<{ id: string }>(
      `insert into models (id, institution_id, namespace, slug, tier, name, card, licence, terms, scenario, tags, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (namespace, slug) do nothing returning id`,
      [
        newId("model"),
        institutionId,
        request.namespace,
        request.slug,
        request.tier,
        request.name,
        JSON.stringify(request.card),
        request.licence || null,
        JSON.stringify(request.terms),
        request.scenario ?? null,
        request.tags,
        tx.viewer.userId,
      ],
    );
    return row?.id ?? null;
  }

  /** Waits for whoever changes the model now: its facts, its aliases, its next number. */
  async lock(tx: Tx, id: string): Promise<void> {
    await tx.query("select 1 from models where id = $1 for update", [id]);
  }

  async update(tx: Tx, id: string, next: Pick<Model, "name" | "card" | "licence" | "tags">): Promise<void> {
    await tx.query("update models set name = $2, card = $3, licence = $4, tags = $5, updated_at = now() where id = $1", [
      id,
      next.name,
      JSON.stringify(next.card),
      next.licence,
      next.tags,
    ]);
  }

  /** Takes the next version number; two takers wait for one another. */
  async takeNumber(tx: Tx, id: string): Promise<number> {
    const [row] = await tx.query<{ number: number }>(
      "update models set next_version = next_version + 1, updated_at = now() where id = $1 returning next_version - 1 as number",
      [id],
    );
    if (row === undefined) throw new Error(`Model ${id} cannot take a version here.`);
    return row.number;
  }
}

const FILTER = `${VISIBLE} and ($1::text is null or m.tier = $1) and ($2::text is null or m.namespace = $2)
  and ($3::text is null or m.name ilike $3 or m.namespace || '/' || m.slug ilike $3)
  and ($4::text is null or m.tags @> array[$4])`;

function filters(query: ListModels): unknown[] {
  const like = query.q === undefined ? null : `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
  return [query["filter[tier]"] ?? null, query["filter[namespace]"] ?? null, like, query["filter[tag]"] ?? null];
}

/** Owner of models of a tier, for a registrar at home. */
export function ownerOf(tier: CreateModel["tier"], institutionId: string): string {
  return tier === "institution" ? institutionId : PLATFORM_ID;
}
