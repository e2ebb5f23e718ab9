import { Inject, Injectable } from "@nestjs/common";
import { type AuditAction, Terms, type TransitionRequest, type Version, type VersionState, type Violation } from "@ziggurat/contracts";
import { checkDerivation, checkMove, SEPARATION_CODES, WITHDRAWN_STATES } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { Separation } from "../../separation/separation.service.js";
import { ContentCheck } from "../content/content-check.js";
import { ModelsRepository } from "../models/models.repository.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { RetainedRepository } from "../retained.repository.js";
import { ReleaseSignatures } from "../signatures/release-signatures.service.js";
import { GateFactsRepository } from "./gate-facts.repository.js";
import { baseOf, digestOfFiles, Sealer } from "./sealing.js";
import { Standings } from "./standings.service.js";
import { refOf, releaseOf, type VersionRow } from "./version-row.js";
import { VersionViews } from "./version-views.js";
import { VersionsRepository } from "./versions.repository.js";

/** Moves of a version through its states, each with its gates asked in the transaction that makes the move. */
@Injectable()
export class Transitions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: ModelsRepository,
    private readonly versions: VersionsRepository,
    private readonly gateFacts: GateFactsRepository,
    private readonly views: VersionViews,
    private readonly sealer: Sealer,
    private readonly content: ContentCheck,
    private readonly signatures: ReleaseSignatures,
    private readonly standings: Standings,
    private readonly retained: RetainedRepository,
    private readonly separation: Separation,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  move(viewer: Viewer, path: { namespace: string; slug: string; number: number }, request: TransitionRequest): Promise<Version> {
    return this.unitOfWork.run(viewer, (tx) => this.moveIn(tx, path, request));
  }

  /** The same inside a transaction in which more is written. */
  async moveIn(tx: Tx, path: { namespace: string; slug: string; number: number }, request: TransitionRequest): Promise<Version> {
    const found = await this.versions.find(tx, path.namespace, path.slug, path.number);
    if (found === null) throw hidden();
    const state = await this.versions.lock(tx, found.id);
    const [row] = await this.versions.byId(tx, [found.id]);
    if (state === null || row === undefined) throw hidden();
    if (request.to === "released") await this.versions.lockParents(tx, await this.gateFacts.ancestors(tx, row.id));
    const gates = (await this.views.gates(tx, [row])).get(row.id) ?? [];
    const quarantine = (await this.versions.quarantines(tx, [row])).get(row.id) ?? null;
    const isPurged = (await this.retained.purgedVersions(tx, [row.id])).has(row.id);
    const unserved = (await this.versions.unserved(tx, [row.id])).get(row.id) ?? [];
    const work = (await this.separation.of(tx, "version", [row.id])).get(row.id);
    const facts = this.views.moveFacts(row, gates, {
      quarantine,
      isPurged,
      cardGaps: this.views.cardGaps(row),
      unserved,
      ...(work === undefined ? {} : { work }),
    });
    refuseMove(checkMove(this.pyramid[row.tier], viewerFacts(tx.viewer), facts, request.to));
    refuseIfAny(checkReason(request, quarantine !== null));
    if (quarantine !== null && request.to !== "recalled") await this.restore(tx, row, request);
    else if (state === "draft") await this.seal(tx, row, request.reason);
    else await this.write(tx, row, request);
    return this.view(tx, row.id);
  }

  private async write(tx: Tx, row: VersionRow, { to, reason, deprecation }: TransitionRequest): Promise<void> {
    if (to === "deprecated") await this.standings.deprecate(tx, row, deprecation ?? {}, reason);
    await this.versions.move(tx, row.id, to, reason);
    const signedWith = to === "released" ? await this.signatures.sign(tx, row) : undefined;
    await tx.audit({
      institutionId: row.institution_id,
      action: ACTIONS[to],
      object: refOf(row),
      reason,
      before: { state: row.state, rootDigest: row.root_digest },
      after: { state: to, rootDigest: row.root_digest, signedWith, deprecation },
    });
  }

  /** Ends a quarantine: the version is what it was before, with the dates, the signature and the stated end it had. */
  private async restore(tx: Tx, row: VersionRow, { to, reason }: TransitionRequest): Promise<void> {
    await this.versions.move(tx, row.id, to, reason);
    await tx.audit({
      institutionId: row.institution_id,
      action: "version.restore",
      object: refOf(row),
      reason,
      before: { state: row.state, rootDigest: row.root_digest },
      after: { state: to, rootDigest: row.root_digest },
    });
  }

  /** A hand-made draft is held to the same rules as a job's result, at the moment it is sealed. */
  private async seal(tx: Tx, row: VersionRow, reason: string): Promise<void> {
    const edges = await this.versions.parents(tx, [row.id]);
    await this.versions.lockParents(
      tx,
      edges.map(({ parent_id }) => parent_id),
    );
    const parents = await this.versions.byId(
      tx,
      edges.map(({ parent_id }) => parent_id),
    );
    const model = await this.models.byId(tx, row.model_id);
    if (model === null) throw hidden();
    const files = await this.versions.files(tx, row.id, "", MOST_FILES);
    const digest = digestOfFiles(row.artifact_kind, files);
    const claims = edges.map(({ ref, relation, parent_id }) => {
      const parent = parents.find(({ id }) => id === parent_id);
      return { ref, relation, release: parent === undefined ? null : releaseOf(parent) };
    });
    const claim = { model: model.facts, artifactKind: row.artifact_kind, parents: claims, seal: "declared" as const };
    const base = await baseOf(this.versions, tx, row.artifact_kind, edges.find(({ relation }) => relation === "adapter_of")?.parent_id);
    const found = await this.content.inspect(files, row.artifact_kind, base);
    refuseIfAny([...digest.violations, ...checkDerivation(this.pyramid[row.tier], claim), ...found.violations]);
    if (digest.rootDigest === null) throw new Refusal("rule", "a version has at least one file");
    await this.sealer.seal(tx, {
      id: row.id,
      ref: refOf(row),
      institutionId: row.institution_id,
      modelId: row.model_id,
      rootDigest: digest.rootDigest,
      inspection: found.inspection,
      ownTerms: model.facts.terms,
      parentTerms: parents.map((parent) => Terms.parse(parent.effective_terms)),
      reason,
    });
  }

  private async view(tx: Tx, id: string): Promise<Version> {
    const [view] = await this.views.of(tx, await this.versions.byId(tx, [id]));
    if (view === undefined) throw hidden();
    return view;
  }
}

const MOST_FILES = 100_000;

const ACTIONS: Record<VersionState, AuditAction> = {
  draft: "version.draft",
  sealed: "version.withdraw_review",
  in_review: "version.submit",
  released: "version.release",
  deprecated: "version.deprecate",
  retired: "version.retire",
  quarantined: "version.quarantine",
  recalled: "version.recall",
};

/** A move outside the table is a conflict with the present state, one of the wrong person is denied, the rest breaks a rule. */
function refuseMove(violations: readonly Violation[]): void {
  if (violations.some(({ code }) => code === "state" || code === "purged")) refuseIfAny(violations, "conflict");
  if (violations.some(({ code }) => code === "role" || SEPARATION_CODES.includes(code))) refuseIfAny(violations, "denied");
  refuseIfAny(violations);
}

function checkReason({ to, reason, deprecation }: TransitionRequest, isQuarantined: boolean): Violation[] {
  const withdraws = WITHDRAWN_STATES.includes(to);
  const lifts = isQuarantined && !withdraws;
  const broken: Violation[] = [];
  if ((withdraws || lifts) && reason.trim() === "") {
    broken.push({ code: "reason_required", detail: withdraws ? "say why it is withdrawn" : "say what was done", pointer: "/reason" });
  }
  if (lifts && deprecation !== undefined) {
    broken.push({ code: "deprecation", detail: "it keeps the end it had before the quarantine", pointer: "/deprecation" });
  }
  return broken;
}
