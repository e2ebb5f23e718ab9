import { Inject, Injectable } from "@nestjs/common";
import { type Alias, type AliasQuery, type Page, type PageQuery, type PutAlias, versionRef } from "@ziggurat/contracts";
import { checkAliasChange, checkAliasReason, checkProof } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { boundTo, Cursors } from "../../platform/http/cursor.js";
import type { ModelRow } from "../models/model-row.js";
import { Models } from "../models/models.service.js";
import { PYRAMID, type Pyramid } from "../pyramid.js";
import { refOf, type VersionRow } from "../versions/version-row.js";
import { VersionViews } from "../versions/version-views.js";
import { VersionsRepository } from "../versions/versions.repository.js";
import { AliasGuards, type AliasPlace, type GuardedName, objectOf } from "./alias-guards.service.js";

interface AliasRow {
  readonly name: string;
  readonly number: number;
  readonly moved_by: string;
  readonly moved_at: Date;
  readonly reason: string;
}
interface MoveRow extends AliasRow {
  readonly n: string;
}

/** Names such as `champion` that point to one released version and move atomically. */
@Injectable()
export class Aliases {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly guards: AliasGuards,
    private readonly versions: VersionsRepository,
    private readonly views: VersionViews,
    private readonly cursors: Cursors,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  list(viewer: Viewer, namespace: string, slug: string): Promise<Page<Alias>> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const model = await this.models.load(tx, namespace, slug);
      const rows = await this.rows(tx, model.id, null);
      return { data: rows.map((row) => aliasOf(model, row)), nextCursor: null };
    });
  }

  /** As it is now, or as it was at an instant. */
  get(viewer: Viewer, place: AliasPlace, { at }: AliasQuery): Promise<Alias> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const model = await this.models.load(tx, place.namespace, place.slug);
      const [past] = at === undefined ? [] : await this.moves(tx, model.id, place.alias, at, null, 1);
      const found = at === undefined ? await this.current(tx, model, place.alias) : past && aliasOf(model, past);
      if (found === null || found === undefined) throw hidden();
      return found;
    });
  }

  /** Everything the name ever pointed to, newest first. */
  history(viewer: Viewer, place: AliasPlace, { limit, cursor }: PageQuery): Promise<Page<Alias>> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const model = await this.models.load(tx, place.namespace, place.slug);
      const binding = boundTo(viewer, `history of ${model.id}:${place.alias}`);
      const before = this.cursors.decode(cursor, binding)?.[0];
      const rows = await this.moves(tx, model.id, place.alias, null, before === undefined ? null : String(before), limit + 1);
      if (rows.length === 0 && before === undefined) throw hidden();
      const page = this.cursors.page(rows, limit, binding, ({ n }) => [n]);
      return { ...page, data: page.data.map((row) => aliasOf(model, row)) };
    });
  }

  /**
   * Points a name at a released version whose gates hold now. Moves of one model wait for one another.
   * @param expect holds the move to what its author saw; told the alias as it is now, or null
   */
  put(viewer: Viewer, place: AliasPlace, request: PutAlias, expect: (current: Alias | null) => void): Promise<Alias> {
    return this.guards.changing(viewer, place, request, checkAliasChange, async (tx, named) => {
      expect(await this.current(tx, named.model, named.name));
      return this.point(tx, named, request, viewer.name);
    });
  }

  /** Inside a transaction of the caller's, who has looked at the right to do so and holds the model. @param by who wanted it */
  async point(tx: Tx, { model, name, guard }: GuardedName, { version: number, reason }: PutAlias, by: string): Promise<Alias> {
    refuseIfAny(checkAliasReason(guard, reason));
    const before = await this.current(tx, model, name);
    const version = await this.target(tx, model, number);
    await this.refuseUnproven(tx, version);
    await this.write(tx, model, name, version, reason, by);
    const after = await this.current(tx, model, name);
    if (after === null) throw hidden();
    await tx.audit({
      institutionId: model.institution_id,
      action: "alias.move",
      object: objectOf(model, name),
      reason,
      ...(before === null ? {} : { before }),
      after,
    });
    return after;
  }

  /** The version a move speaks of. @throws Refusal `rule` when there is none */
  async target(tx: Tx, { namespace, slug }: ModelRow, number: number): Promise<VersionRow> {
    const version = await this.versions.find(tx, namespace, slug, number);
    if (version !== null) return version;
    const detail = `there is no version ${versionRef(namespace, slug, number)}`;
    throw new Refusal("rule", detail, [{ code: "version_unknown", detail, pointer: "/version" }]);
  }

  /** @throws Refusal when an alias may not point to this version now; the version is locked until the end of the transaction */
  async refuseUnproven(tx: Tx, version: VersionRow): Promise<void> {
    const state = await this.versions.lock(tx, version.id);
    if (state !== "released") {
      const detail = `${refOf(version)} is ${state ?? "gone"}; an alias points to released versions only`;
      throw new Refusal("rule", detail, [{ code: "alias_unreleased", detail, pointer: "/version" }]);
    }
    const gates = (await this.views.gates(tx, [version])).get(version.id) ?? [];
    const open = checkProof(this.pyramid[version.tier], this.views.moveFacts(version, gates));
    refuseIfAny(open.map((violation) => ({ ...violation, pointer: "/version" })));
  }

  private async write(tx: Tx, model: ModelRow, name: string, version: VersionRow, reason: string, by: string): Promise<void> {
    await tx.query(
      `insert into aliases (model_id, name, institution_id, version_id, moved_by, reason) values ($1, $2, $3, $4, $5, $6)
       on conflict (model_id, name) do update
       set version_id = excluded.version_id, moved_by = excluded.moved_by, reason = excluded.reason, moved_at = clock_timestamp()`,
      [model.id, name, model.institution_id, version.id, by, reason],
    );
  }

  private async current(tx: Tx, model: ModelRow, name: string): Promise<Alias | null> {
    const [row] = await this.rows(tx, model.id, name);
    return row === undefined ? null : aliasOf(model, row);
  }

  private moves(tx: Tx, modelId: string, name: string, at: string | null, before: string | null, limit: number): Promise<MoveRow[]> {
    return tx.query<MoveRow>(
      `select h.n::text, h.name, v.number, h.moved_by, h.moved_at, h.reason from alias_moves h join versions v on v.id = h.version_id
       where h.model_id = $1 and h.name = $2 and ($3::timestamptz is null or h.moved_at <= $3) and ($4::bigint is null or h.n < $4)
       order by h.n desc limit $5`,
      [modelId, name, at, before, limit],
    );
  }

  private rows(tx: Tx, modelId: string, name: string | null): Promise<AliasRow[]> {
    return tx.query<AliasRow>(
      `select a.name, v.number, a.moved_by, a.moved_at, a.reason from aliases a join versions v on v.id = a.version_id
       where a.model_id = $1 and ($2::text is null or a.name = $2) order by a.name`,
      [modelId, name],
    );
  }
}

function aliasOf(model: ModelRow, row: AliasRow): Alias {
  const version = versionRef(model.namespace, model.slug, row.number);
  return { name: row.name, version, movedAt: row.moved_at.toISOString(), movedBy: row.moved_by, reason: row.reason };
}
