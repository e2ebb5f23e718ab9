import { Inject, Injectable } from "@nestjs/common";
import type { AliasGuard, AliasProtection, PutAliasProtection } from "@ziggurat/contracts";
import { checkAliasChange, checkAliasRight, checkGuard, guardOf } from "@ziggurat/pyramid";
import { outsideEffectScope } from "../../platform/database/effect-scope.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import type { ModelRow } from "../models/model-row.js";
import { ModelsRepository } from "../models/models.repository.js";
import { Models } from "../models/models.service.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { AliasGuardsRepository } from "./alias-guards.repository.js";

/** One name of one model. */
export interface AliasPlace {
  readonly namespace: string;
  readonly slug: string;
  readonly alias: string;
}

/** A name under the lock of its model, with what guards it. */
export interface GuardedName {
  readonly model: ModelRow;
  readonly name: string;
  readonly guard: AliasGuard | null;
}

/** Which names are protected and by what, and the way in which every change of a name begins. */
@Injectable()
export class AliasGuards {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly modelRows: ModelsRepository,
    private readonly rows: AliasGuardsRepository,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  get(viewer: Viewer, place: AliasPlace): Promise<AliasProtection> {
    return this.unitOfWork.run(viewer, async (tx) => this.view(tx, await this.models.load(tx, place.namespace, place.slug), place.alias));
  }

  /** Protects a name otherwise from now on; one that needs a second person is changed by a proposal. */
  put(viewer: Viewer, place: AliasPlace, request: PutAliasProtection): Promise<AliasProtection> {
    return this.changing(viewer, place, request, checkAliasChange, async (tx, named) => {
      await this.protect(tx, named, request, viewer.name);
      return this.view(tx, named.model, named.name);
    });
  }

  /** Inside a transaction of the caller's, who has looked at the right to do so. @param by who wanted it */
  async protect(tx: Tx, { model, name }: GuardedName, request: PutAliasProtection, by: string): Promise<void> {
    refuseIfAny(checkGuard(this.pyramid[model.tier], viewerFacts(tx.viewer), request));
    const before = await this.of(tx, model, name);
    await this.rows.insert(tx, model, name, request, by);
    const after = await this.of(tx, model, name);
    await tx.audit({
      institutionId: model.institution_id,
      action: "alias.protect",
      object: objectOf(model, name),
      reason: request.reason,
      ...(before === null ? {} : { before }),
      after,
    });
  }

  /**
   * Runs a change of a name under the lock of its model, if the viewer may make it. Who may not is refused, and where the name is
   * protected the attempt is written into its owner's audit log, in a transaction of its own that outlives the refusal.
   */
  async changing<T>(
    viewer: Viewer,
    place: AliasPlace,
    wanted: unknown,
    check: typeof checkAliasChange,
    work: (tx: Tx, named: GuardedName) => Promise<T>,
  ): Promise<T> {
    let met: GuardedName | undefined;
    try {
      return await this.unitOfWork.run(viewer, async (tx) => {
        const model = await this.models.load(tx, place.namespace, place.slug);
        const look = async (): Promise<GuardedName> => {
          met = { model, name: place.alias, guard: await this.of(tx, model, place.alias) };
          refuseIfAny(check(this.pyramid[model.tier], viewerFacts(viewer), model.owner, met.guard), "denied");
          return met;
        };
        // First without the lock, so that nobody waits for those who may not anyway.
        await look();
        await this.modelRows.lock(tx, model.id);
        return work(tx, await look());
      });
    } catch (error) {
      if (met?.guard && error instanceof Refusal && error.code === "denied") await this.noteRefused(viewer, met, error.detail, wanted);
      throw error;
    }
  }

  /** What guards a name now, inside a transaction of the caller's. */
  async of(tx: Tx, model: ModelRow, name: string): Promise<AliasGuard | null> {
    const stated = await this.rows.newest(tx, model.id, name);
    return guardOf(this.pyramid[model.tier], name, stated && { roles: stated.roles, secondPerson: stated.second_person });
  }

  private async view(tx: Tx, model: ModelRow, name: string): Promise<AliasProtection> {
    const stated = await this.rows.newest(tx, model.id, name);
    const policy = this.pyramid[model.tier];
    const guard = await this.of(tx, model, name);
    return {
      name,
      isProtected: guard !== null,
      roles: [...(guard?.roles ?? policy.releasers)],
      secondPerson: guard?.secondPerson ?? false,
      choices: [...policy.releasers],
      mayChange: checkAliasRight(policy, viewerFacts(tx.viewer), model.owner, guard).length === 0,
      set: stated && { by: stated.set_by, at: stated.set_at.toISOString(), reason: stated.reason },
    };
  }

  /** The owner's chain takes it, whoever tried; so it is written with the platform's reach, under the name of who tried. */
  private async noteRefused(viewer: Viewer, { model, name }: GuardedName, why: string, wanted: unknown): Promise<void> {
    await outsideEffectScope(() =>
      this.unitOfWork.run({ ...viewer, reach: "system" }, (tx) =>
        tx.audit({
          institutionId: model.institution_id,
          action: "alias.refused",
          object: objectOf(model, name),
          reason: why,
          after: wanted,
        }),
      ),
    );
  }
}

/** How the audit log names an alias. */
export function objectOf({ namespace, slug }: Pick<ModelRow, "namespace" | "slug">, name: string): string {
  return `${namespace}/${slug}:${name}`;
}
