import { Injectable } from "@nestjs/common";
import { type Deprecation, Terms, type VersionStanding } from "@ziggurat/contracts";
import { checkDeprecation, type Standing, supportEnd, termCauses } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../../platform/errors/refusal.js";
import { GateFactsRepository } from "./gate-facts.repository.js";
import { refOf, type VersionRow } from "./version-row.js";
import { VersionsRepository } from "./versions.repository.js";
import type { VersionPlace } from "./versions.service.js";

interface DeprecationRow {
  readonly version_id: string;
  readonly successor: string | null;
  readonly ends_at: Date | null;
  readonly reason: string;
  readonly at: Date;
}

/** What flows down to a version from its ancestors: limits of use with their causes, and ends of support. */
@Injectable()
export class Standings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly gateFacts: GateFactsRepository,
  ) {}

  get(viewer: Viewer, place: VersionPlace): Promise<VersionStanding> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.versions.find(tx, place.namespace, place.slug, place.number);
      if (row === null) throw hidden();
      const { family, deprecations } = await this.family(tx, row);
      const own = deprecations.get(row.id);
      const support = supportEnd(refOf(row), family);
      return {
        version: refOf(row),
        effectiveTerms: Terms.parse(row.effective_terms),
        causes: termCauses(refOf(row), family),
        support: support === null ? null : { endsAt: support.endsAt.toISOString(), version: support.version },
        deprecation:
          own === undefined
            ? null
            : { successor: own.successor, endsAt: own.ends_at?.toISOString() ?? null, reason: own.reason, at: own.at.toISOString() },
      };
    });
  }

  /** States the end of a version that is being deprecated in this transaction. @throws Refusal `rule` when it does not hold */
  async deprecate(tx: Tx, row: VersionRow, { successor, endsAt }: Deprecation, reason: string): Promise<void> {
    const [next] = successor === undefined ? [] : await this.versions.byRef(tx, [successor]);
    const end = endsAt === undefined ? null : new Date(endsAt);
    const nextEnd = next === undefined ? null : supportEnd(refOf(next), (await this.family(tx, next)).family);
    refuseIfAny(
      checkDeprecation({
        ref: refOf(row),
        tier: row.tier,
        endsAt: end,
        now: new Date(),
        successor:
          successor === undefined
            ? undefined
            : next === undefined
              ? null
              : { ref: refOf(next), tier: next.tier, state: next.state, endsAt: nextEnd?.endsAt ?? null },
      }),
    );
    await tx.query("insert into deprecations (version_id, institution_id, successor_id, ends_at, reason) values ($1, $2, $3, $4, $5)", [
      row.id,
      row.institution_id,
      next?.id ?? null,
      end,
      reason,
    ]);
  }

  /** The version and all its ancestors, which are few. */
  private async family(tx: Tx, row: VersionRow) {
    const rows = await this.versions.byId(tx, [row.id, ...(await this.gateFacts.ancestors(tx, row.id))]);
    const ids = rows.map(({ id }) => id);
    const parents = await this.versions.parents(tx, ids);
    const stated = await tx.query<DeprecationRow>(
      `select p.version_id, m.namespace || '/' || m.slug || '@' || v.number as successor, p.ends_at, p.reason, p.at
       from deprecations p left join versions v on v.id = p.successor_id left join models m on m.id = v.model_id
       where p.version_id = any($1)`,
      [ids],
    );
    const deprecations = new Map(stated.map((one) => [one.version_id, one]));
    const family = new Map<string, Standing>(
      rows.map((member) => [
        refOf(member),
        {
          ref: refOf(member),
          effectiveTerms: Terms.parse(member.effective_terms),
          endsAt: deprecations.get(member.id)?.ends_at ?? null,
          parents: parents.filter(({ child_id }) => child_id === member.id).map(({ ref }) => ref),
        },
      ]),
    );
    return { family, deprecations };
  }
}
