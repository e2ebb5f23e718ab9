import { Injectable } from "@nestjs/common";
import { type CreateVersion, type Register, type RegisteredRow, type Registrations, Terms, type Violation } from "@ziggurat/contracts";
import type { ModelFacts } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal } from "../../platform/errors/refusal.js";
import { type ModelRow, modelFacts } from "../models/model-row.js";
import { ModelsRepository, ownerOf } from "../models/models.repository.js";
import { Models, nameTaken, registered } from "../models/models.service.js";
import { type DraftOwner, type DraftPlan, Drafts, type FoundFiles, type WrittenDraft } from "../versions/drafts.service.js";
import type { VersionRow } from "../versions/version-row.js";
import { below, type ReadRow, readRow } from "./read-row.js";

/** A row with everything that was looked up for it. */
interface Candidate extends ReadRow {
  readonly index: number;
  /** The model of this name that there is. */
  readonly existing: ModelRow | null;
  readonly isRepeated: boolean;
  readonly files: FoundFiles;
}
interface Judged extends Candidate {
  readonly draft: DraftPlan | null;
}

/**
 * Many models and drafts in one request: every row is judged, and the good ones are written in one transaction. Each row passes the
 * rules of a request of its own; what registers one by one registers here, and nothing else.
 */
@Injectable()
export class RegistrationsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly modelRows: ModelsRepository,
    private readonly drafts: Drafts,
  ) {}

  /** @throws Refusal `rule` when a row is bad and bad rows are not to be skipped; nothing is written then */
  async register(viewer: Viewer, { rows, dryRun, skipBadRows }: Register): Promise<Registrations> {
    const candidates = await this.lookUp(viewer, rows.map(readRow));
    return this.unitOfWork.run(viewer, async (tx) => {
      const judged = await this.judge(tx, candidates);
      if (dryRun)
        return reportOf(
          judged.map((one) => rowReport(one, "good")),
          true,
        );
      if (!skipBadRows) refuseBad(judged);
      const report = reportOf(await this.write(tx, judged), false);
      // A name may be taken between judging and writing.
      if (!skipBadRows) refuseBad(report.rows.map((row) => ({ index: row.row, violations: row.violations })));
      return report;
    });
  }

  /** What takes its time, before the transaction that writes: models of the same names, and a look into every file. */
  private async lookUp(viewer: Viewer, rows: readonly ReadRow[]): Promise<Candidate[]> {
    const { existing, sizes } = await this.unitOfWork.run(viewer, async (tx) => ({
      existing: await this.modelRows.byRefs(tx, [...new Set(rows.flatMap(({ ref }) => ref ?? []))]),
      sizes: await this.drafts.sizes(
        tx,
        rows.flatMap((row) => versionOf(row)?.files ?? []),
      ),
    }));
    const byRef = new Map(existing.map((model) => [`${model.namespace}/${model.slug}`, model]));
    const seen = new Set<string>();
    const candidates: Candidate[] = [];
    for (const [index, row] of rows.entries()) {
      const isRepeated = row.asked?.kind === "model" && row.ref !== null && seen.has(row.ref);
      if (row.asked?.kind === "model" && row.ref !== null) seen.add(row.ref);
      const files = await this.drafts.inspect(versionOf(row)?.files ?? [], sizes);
      candidates.push({ ...row, index, isRepeated, files, existing: byRef.get(row.ref ?? "") ?? null });
    }
    return candidates;
  }

  private async judge(tx: Tx, candidates: readonly Candidate[]): Promise<Judged[]> {
    const parents = await this.drafts.parentRows(
      tx,
      candidates.flatMap((row) => versionOf(row) ?? []),
    );
    const region = await this.modelRows.regionOf(tx, tx.viewer.institutionId);
    return candidates.map((row) => this.judgeRow(tx.viewer, row, parents, region));
  }

  private judgeRow(viewer: Viewer, row: Candidate, parents: readonly VersionRow[], region: string | null): Judged {
    const { asked, existing } = row;
    if (asked === null || row.violations.length > 0) return { ...row, draft: null };
    const ofModel = asked.kind === "model" ? this.judgeModel(viewer, row, asked.row) : this.judgeOwner(viewer, row);
    const facts = asked.kind === "model" ? this.factsOf(viewer, asked.row, region) : existing === null ? null : modelFacts(existing);
    const version = versionOf(row);
    const draft = version === null || facts === null ? null : this.drafts.plan(facts, version, row.files, parents);
    return { ...row, draft, violations: [...ofModel, ...below("/version", draft?.violations ?? [])] };
  }

  private judgeModel(viewer: Viewer, { existing, isRepeated }: Candidate, request: NewModel): Violation[] {
    const denied = this.models.denials(viewer, request.tier);
    if (denied.length > 0) return denied;
    const taken = existing !== null || isRepeated ? [nameTaken(request)] : [];
    return [...this.models.objections(viewer, request), ...taken];
  }

  private judgeOwner(viewer: Viewer, { existing, ref }: Candidate): Violation[] {
    if (existing !== null) return this.drafts.denials(viewer, existing);
    return [{ code: "model_unknown", detail: `${ref} is not registered, or not visible to you`, pointer: "/model" }];
  }

  private factsOf(viewer: Viewer, { namespace, slug, tier, licence, terms, scenario }: NewModel, region: string | null): ModelFacts {
    const owner = this.models.ownerSlug(viewer, tier);
    return {
      ref: `${namespace}/${slug}`,
      tier,
      owner,
      licence: licence || null,
      terms: Terms.parse(terms),
      region,
      scenario: scenario ?? null,
    };
  }

  /**
   * Writes the good rows. Models are taken in the order of their names, so that two such requests wait for one another instead of
   * closing a circle; drafts of one model are numbered in the order of the rows.
   */
  private async write(tx: Tx, judged: readonly Judged[]): Promise<RegisteredRow[]> {
    const good = judged.filter(({ violations }) => violations.length === 0);
    const inOrder = [...good].sort((a, b) => ((a.ref ?? "") < (b.ref ?? "") ? -1 : (a.ref ?? "") > (b.ref ?? "") ? 1 : a.index - b.index));
    const owners = await Promise.all(inOrder.map((row) => this.ownerOf(tx, row)));
    const drafts = await Promise.all(inOrder.map((row, at) => this.writeDraft(tx, row, owners[at] ?? null)));
    const made = new Map(inOrder.map((row, at) => [row.index, { owner: owners[at] ?? null, draft: drafts[at] ?? null }]));
    await tx.auditAll(
      good.flatMap(({ index, asked }) => {
        const { owner = null, draft = null } = made.get(index) ?? {};
        if (owner === null) return [];
        return [
          ...(asked?.kind === "model" ? [registered(asked.row, owner.institution_id)] : []),
          ...(draft === null ? [] : [draft.entry]),
        ];
      }),
    );
    return judged.map((row) => {
      if (row.violations.length > 0) return rowReport(row, "refused");
      const { owner = null, draft = null } = made.get(row.index) ?? {};
      return owner === null
        ? rowReport({ ...row, violations: row.asked?.kind === "model" ? [nameTaken(row.asked.row)] : [] }, "refused")
        : rowReport(row, "registered", draft);
    });
  }

  /** The model that a row makes or names; null when its name was taken meanwhile. */
  private async ownerOf(tx: Tx, { asked, existing }: Judged): Promise<DraftOwner | null> {
    if (asked?.kind !== "model") return existing;
    const institutionId = ownerOf(asked.row.tier, tx.viewer.institutionId);
    const id = await this.modelRows.insert(tx, asked.row, institutionId);
    return id === null ? null : { ...asked.row, id, institution_id: institutionId };
  }

  private async writeDraft(tx: Tx, { draft }: Judged, owner: DraftOwner | null): Promise<WrittenDraft | null> {
    if (draft === null || owner === null) return null;
    return this.drafts.write(tx, owner, await this.modelRows.takeNumber(tx, owner.id), draft);
  }
}

type NewModel = Extract<NonNullable<ReadRow["asked"]>, { kind: "model" }>["row"];

const versionOf = ({ asked }: ReadRow): CreateVersion | null => asked?.row.version ?? null;

function rowReport(
  { index, ref, violations }: Judged,
  outcome: RegisteredRow["outcome"],
  draft: WrittenDraft | null = null,
): RegisteredRow {
  return {
    row: index,
    outcome: violations.length > 0 ? "refused" : outcome,
    model: ref,
    version: draft?.ref ?? null,
    violations: [...violations],
  };
}

function reportOf(rows: RegisteredRow[], dryRun: boolean): Registrations {
  const refused = rows.filter(({ outcome }) => outcome === "refused").length;
  return { dryRun, good: rows.length - refused, refused, rows };
}

/** One bad row stops all, and every bad one is named. */
function refuseBad(rows: readonly Pick<Judged, "index" | "violations">[]): void {
  const bad = rows.filter(({ violations }) => violations.length > 0);
  if (bad.length === 0) return;
  const detail = `${bad.length} of ${rows.length} rows are refused, so nothing was registered; mend them, or ask to skip bad rows`;
  throw new Refusal(
    "rule",
    detail,
    bad.flatMap(({ index, violations }) => below(`/rows/${index}`, violations)),
  );
}
