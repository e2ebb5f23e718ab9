import { Inject, Injectable } from "@nestjs/common";
import type { CleanUpRule, ListCleanUps, Page, PutCleanUpRule } from "@ziggurat/contracts";
import { checkCleanUpRule, whyNotCleanUp } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { viewerFacts } from "../registry/pyramid.js";
import { RulesRepository } from "./rules.repository.js";

/** What is cleaned up when: rules that everyone may read and the platform's administrators set. */
@Injectable()
export class CleanUpRules {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RulesRepository,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  /** The next revision of a name, which holds from now on. */
  put(viewer: Viewer, name: string, request: PutCleanUpRule): Promise<CleanUpRule> {
    return this.unitOfWork.run(viewer, async (tx) => {
      refuseRole(viewer);
      refuseIfAny(checkCleanUpRule(request, this.config.rules.minRetentionDays));
      const before = await this.rules.newest(tx, name);
      const revision = (before?.revision ?? 0) + 1;
      await this.rules.insert(tx, name, revision, request);
      const after = await this.rules.newest(tx, name);
      if (after === null) throw hidden();
      await tx.audit({
        institutionId: PLATFORM_ID,
        action: "clean_up.rule",
        object: `clean-up-rules/${name}`,
        reason: request.reason,
        ...(before === null ? {} : { before }),
        after,
      });
      return after;
    });
  }

  get(viewer: Viewer, name: string): Promise<CleanUpRule> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const rule = await this.rules.newest(tx, name);
      if (rule === null) throw hidden();
      return rule;
    });
  }

  list(viewer: Viewer, { limit, cursor }: ListCleanUps): Promise<Page<CleanUpRule>> {
    const binding = boundTo(viewer, "clean-up rules");
    const after = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rules = await this.rules.list(tx, after === undefined ? null : String(after), limit + 1);
      return this.cursors.page(rules, limit, binding, ({ name }) => [name]);
    });
  }

  /** Every revision there ever was, newest first. */
  revisions(viewer: Viewer, name: string, { limit, cursor }: ListCleanUps): Promise<Page<CleanUpRule>> {
    const binding = boundTo(viewer, `revisions of ${name}`);
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rules = await this.rules.revisions(tx, name, before === undefined ? null : Number(before), limit + 1);
      if (rules.length === 0 && before === undefined) throw hidden();
      return this.cursors.page(rules, limit, binding, ({ revision }) => [revision]);
    });
  }
}

/** @throws Refusal `denied` unless this viewer may make rules and carry them out */
export function refuseRole(viewer: Viewer): void {
  const denied = whyNotCleanUp(viewerFacts(viewer));
  if (denied !== null) refuseIfAny([{ code: "clean_up_role", detail: denied }], "denied");
}
