import { Inject, Injectable } from "@nestjs/common";
import {
  type CleanUp,
  type CleanUpCandidate,
  CleanUpId,
  type CleanUpItem,
  type CleanUpPreview,
  type CleanUpRule,
  type CleanUpSubject,
  type CreateCleanUp,
  type ListCleanUps,
  type Page,
} from "@ziggurat/contracts";
import { checkCleanUp, whyKept } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import { auditDigest } from "../platform/database/audit-record.js";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, refuseIfAny } from "../platform/errors/refusal.js";
import { boundTo, Cursors } from "../platform/http/cursor.js";
import { type OwnFacts, PurgeFactsRepository } from "../purges/purge-facts.repository.js";
import type { PurgeTarget } from "../purges/purge-row.js";
import { refuseRole } from "./clean-up-rules.service.js";
import { CleanUpsRepository } from "./clean-ups.repository.js";
import { RulesRepository } from "./rules.repository.js";
import { type Candidate, SelectionRepository } from "./selection.repository.js";

/** Versions that one clean-up takes at most. */
const MOST_VERSIONS = 1000;
/** Versions looked at in one statement. */
const PAGE = 5000;
/** Versions named in a preview. */
const NAMED_IN_PREVIEW = 100;

interface Taken {
  readonly target: PurgeTarget;
  readonly shown: CleanUpCandidate;
}
interface Selection {
  readonly taken: readonly Taken[];
  readonly kept: ReadonlyMap<string, number>;
  readonly hasMore: boolean;
  readonly graph: string;
}

/** Looking at what a rule would take, having it taken, and looking at what became of it. */
@Injectable()
export class CleanUps {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: RulesRepository,
    private readonly selection: SelectionRepository,
    private readonly facts: PurgeFactsRepository,
    private readonly cleanUps: CleanUpsRepository,
    private readonly cursors: Cursors,
    @Inject(CONFIG) private readonly config: Pick<Config, "rules">,
  ) {}

  /** Writes nothing. */
  preview(viewer: Viewer, { rule: name }: CleanUpSubject): Promise<CleanUpPreview> {
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      refuseRole(viewer);
      const rule = await this.rule(tx, name);
      const { taken, kept, hasMore, graph } = await this.select(tx, rule);
      const bytes = await this.selection.bytesOfAll(
        tx,
        taken.map(({ target }) => target.id),
      );
      const counts = new Map(kept);
      for (const { code, versions } of await this.selection.countKept(tx, rule)) counts.set(code, (counts.get(code) ?? 0) + versions);
      return {
        rule,
        graph,
        versions: taken.length,
        files: bytes.files,
        sizeBytes: bytes.size,
        ownBytes: bytes.own,
        kept: [...counts].map(([code, versions]) => ({ code, versions })).sort((a, b) => (a.code < b.code ? -1 : 1)),
        hasMore,
        first: taken.slice(0, NAMED_IN_PREVIEW).map(({ shown }) => shown),
      };
    });
  }

  /**
   * Fixes what goes; workers take it, each version under the same rules once more.
   * @throws Refusal `conflict` when the rule would take something else than its preview showed; nothing was done then
   */
  execute(viewer: Viewer, { rule: name, graph, reason }: CreateCleanUp): Promise<CleanUp> {
    return this.unitOfWork.run(viewer, async (tx) => {
      refuseRole(viewer);
      const rule = await this.rule(tx, name);
      const { taken, graph: graphNow } = await this.select(tx, rule);
      const isRunning = await this.cleanUps.isRunning(tx, name);
      refuseIfAny(checkCleanUp({ isEnabled: rule.isEnabled, isRunning, graph, graphNow, versions: taken.length }), "conflict");
      const targets = taken.map(({ target }) => target);
      const id = await this.cleanUps.insert(tx, { rule: name, revision: rule.revision, reason }, targets);
      await tx.audit({
        institutionId: PLATFORM_ID,
        action: "clean_up.execute",
        object: id,
        reason,
        after: { rule: name, revision: rule.revision, graph, versions: targets.map(({ ref }) => ref) },
      });
      await tx.enqueue("clean-up.advance", { cleanUpId: CleanUpId.parse(id) });
      return this.view(tx, id);
    });
  }

  get(viewer: Viewer, id: string): Promise<CleanUp> {
    return this.unitOfWork.run(viewer, (tx) => this.view(tx, id));
  }

  list(viewer: Viewer, { limit, cursor }: ListCleanUps): Promise<Page<CleanUp>> {
    const binding = boundTo(viewer, "clean-ups");
    const before = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      const rows = await this.cleanUps.list(tx, before === undefined ? null : String(before), limit + 1);
      return this.cursors.page(rows, limit, binding, ({ id }) => [id]);
    });
  }

  items(viewer: Viewer, id: string, { limit, cursor }: ListCleanUps): Promise<Page<CleanUpItem>> {
    const binding = boundTo(viewer, `versions of ${id}`);
    const after = this.cursors.decode(cursor, binding)?.[0];
    return this.unitOfWork.run(viewer, async (tx) => {
      await this.view(tx, id);
      const rows = await this.cleanUps.items(tx, id, after === undefined ? null : Number(after), limit + 1);
      const page = this.cursors.page(rows, limit, binding, ({ n }) => [n]);
      return { ...page, data: page.data.map(({ ref, owner, outcome, codes }) => ({ ref, owner, outcome, codes })) };
    });
  }

  /** Goes on past what is kept, so that nothing kept for long hides what may go. */
  private async select(tx: Tx, rule: CleanUpRule): Promise<Selection> {
    const { minCrossTenantCount, minRetentionDays } = this.config.rules;
    const limits = { minimumCount: minCrossTenantCount, minimumDays: minRetentionDays, now: new Date() };
    const taken: Taken[] = [];
    const kept = new Map<string, number>();
    let page: Candidate[] = [];
    do {
      page = await this.selection.candidates(tx, rule, page.at(-1) ?? null, PAGE);
      const facts = await this.facts.ownOf(tx, page);
      for (const candidate of page) {
        const own = facts.get(candidate.id);
        if (own === undefined) continue;
        const [first] = whyKept(rule, { ...own, ...NOTHING_ON_IT }, limits);
        if (first === undefined) taken.push(takenOf(candidate, own));
        else kept.set(first.code, (kept.get(first.code) ?? 0) + 1);
      }
    } while (page.length === PAGE && taken.length <= MOST_VERSIONS);
    const fitting = taken.slice(0, MOST_VERSIONS);
    const graph = auditDigest({ rule: rule.name, revision: rule.revision, versions: fitting.map(({ target }) => target.id) });
    return { taken: fitting, kept, hasMore: taken.length > MOST_VERSIONS, graph };
  }

  private async rule(tx: Tx, name: string): Promise<CleanUpRule> {
    const rule = await this.rules.newest(tx, name);
    if (rule === null) throw hidden();
    return rule;
  }

  private async view(tx: Tx, id: string): Promise<CleanUp> {
    const found = await this.cleanUps.find(tx, id);
    if (found === null) throw hidden();
    return found;
  }
}

const NONE = { own: 0, others: 0, named: [] };
/** What the selection has found of every candidate. */
const NOTHING_ON_IT = { live: NONE, held: NONE, rollbacks: NONE, returning: NONE, drafts: NONE, jobs: NONE };

function takenOf({ ref, tier, owner, sizeBytes, ...target }: Candidate, { state, since }: OwnFacts): Taken {
  const shown = { ref, tier, owner, state: state ?? "draft", since: since.toISOString(), sizeBytes };
  return { target: { ...target, ref, owner }, shown };
}
