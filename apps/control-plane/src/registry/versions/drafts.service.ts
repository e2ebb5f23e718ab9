import { Inject, Injectable } from "@nestjs/common";
import { type CreateVersion, type FileEntry, type Terms, type Version, type Violation, versionRef } from "@ziggurat/contracts";
import {
  checkDerivation,
  checkFormats,
  checkPaths,
  effectiveTerms,
  kindOfFile,
  type ModelFacts,
  type ParentClaim,
  whyNot,
} from "@ziggurat/pyramid";
import { Derivations } from "../../lineage/derivations.js";
import type { NewEdge } from "../../lineage/parent-places.js";
import type { AuditRecord } from "../../platform/database/audit-record.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { Blobs } from "../blobs/blobs.service.js";
import { ContentCheck } from "../content/content-check.js";
import { type ModelRow, modelFacts } from "../models/model-row.js";
import { ModelsRepository } from "../models/models.repository.js";
import { Models } from "../models/models.service.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { refOf, releaseOf, type VersionRow } from "./version-row.js";
import { VersionViews } from "./version-views.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

/** Versions that people put together by hand: files by digest, declared parents. They stay drafts until sealed. */
@Injectable()
export class Drafts {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly modelRows: ModelsRepository,
    private readonly versions: VersionsRepository,
    private readonly derivations: Derivations,
    private readonly blobs: Blobs,
    private readonly content: ContentCheck,
    private readonly views: VersionViews,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  async create(viewer: Viewer, namespace: string, slug: string, request: CreateVersion): Promise<Version> {
    const { id } = await this.unitOfWork.run(viewer, await this.prepare(viewer, namespace, slug, request));
    return this.unitOfWork.run(viewer, async (tx) => this.view(tx, await this.row(tx, id)));
  }

  /**
   * Looks at everything that takes its time, and answers what writes the draft, for a transaction in which more is written. Drafts of
   * one model wait for one another from the moment a number is taken, so nothing is asked or worked out after it.
   */
  async prepare(
    viewer: Viewer,
    namespace: string,
    slug: string,
    request: CreateVersion,
  ): Promise<(tx: Tx) => Promise<{ readonly id: string; readonly ref: string }>> {
    const { model, sizes } = await this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.models.load(tx, namespace, slug);
      this.refuseRole(viewer, found);
      refuseIfAny(checkPaths(request.files), "invalid");
      return { model: found, sizes: await this.sizes(tx, request.files) };
    });
    const files = await this.inspect(request.files, sizes);

    return async (tx) => {
      const plan = this.plan(modelFacts(model), request, files, await this.parentRows(tx, [request]));
      refuseIfAny(plan.violations);
      const draft = await this.write(tx, model, await this.modelRows.takeNumber(tx, model.id), plan);
      await tx.audit(draft.entry);
      return draft;
    };
  }

  /** What stands against a draft of this model, and what it will hold. Asks nothing of the database. */
  plan(model: ModelFacts, request: CreateVersion, files: FoundFiles, parents: readonly VersionRow[]): DraftPlan {
    const claims = claimsOf(request, parents);
    const releases = claims.flatMap(({ release }) => release ?? []);
    return {
      request,
      files: files.stored,
      violations: [...files.violations, ...this.checkParents(model, request, claims)],
      edges: edgesOf(request, parents),
      terms: effectiveTerms(
        model.terms,
        releases.map((release) => release.effectiveTerms),
      ),
    };
  }

  /** Writes a draft under a number that was taken. The audit entry is the caller's to write, who may have many. */
  async write(tx: Tx, model: DraftOwner, number: number, { request, files, terms, edges }: DraftPlan): Promise<WrittenDraft> {
    const ref = versionRef(model.namespace, model.slug, number);
    const id = await this.versions.insertDraft(tx, {
      institutionId: model.institution_id,
      modelId: model.id,
      number,
      tier: model.tier,
      artifactKind: request.artifactKind,
      notes: request.notes,
      effectiveTerms: terms,
      files,
      createdBy: tx.viewer.name,
    });
    const child = { versionId: id, modelId: model.id, institutionId: model.institution_id };
    await this.derivations.addEdges(tx, child, edges, "declared", null);
    return { id, ref, entry: { institutionId: model.institution_id, action: "version.draft", object: ref, after: request } };
  }

  /** What stands against a draft of this model before any of its files is known. */
  async objections(tx: Tx, model: ModelRow, request: Pick<CreateVersion, "artifactKind" | "parents">): Promise<readonly Violation[]> {
    this.refuseRole(tx.viewer, model);
    return this.checkParents(modelFacts(model), request, claimsOf(request, await this.parentRows(tx, [request])));
  }

  /** A parent may still be added by making the draft anew, so only what is named is judged here; sealing asks for one. */
  private checkParents(
    model: ModelFacts,
    { artifactKind }: Pick<CreateVersion, "artifactKind">,
    parents: readonly ParentClaim[],
  ): Violation[] {
    const named = { ...this.pyramid[model.tier], needsParent: false };
    return checkDerivation(named, { model, artifactKind, parents, seal: "declared" });
  }

  async putFiles(
    viewer: Viewer,
    path: { namespace: string; slug: string; number: number },
    entries: readonly FileEntry[],
  ): Promise<Version> {
    const { found, sizes } = await this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.versions.find(tx, path.namespace, path.slug, path.number);
      if (row === null) throw hidden();
      this.refuseRole(viewer, row);
      refuseIfAny(checkPaths(entries), "invalid");
      return { found: row, sizes: await this.sizes(tx, entries) };
    });
    const files = await this.inspect(entries, sizes);
    refuseIfAny(files.violations);

    return this.unitOfWork.run(viewer, async (tx) => {
      const state = await this.versions.lock(tx, found.id);
      if (state !== "draft") throw sealed(found);
      const present = await this.versions.files(tx, found.id, "", MOST_FILES);
      refuseIfAny(besides(entries, present), "invalid");
      await this.versions.putFiles(tx, { id: found.id, institutionId: found.institution_id }, files.stored);
      await tx.audit({ institutionId: found.institution_id, action: "version.files", object: refOf(found), after: entries });
      return this.view(tx, await this.row(tx, found.id));
    });
  }

  /** Why this viewer may not contribute to this model; nothing when it may. */
  denials(viewer: Viewer, { tier, owner }: Pick<VersionRow, "tier" | "owner">): Violation[] {
    const denied = whyNot(this.pyramid[tier], viewerFacts(viewer), owner, "contribute");
    return denied === null ? [] : [{ code: "role", detail: denied }];
  }

  private refuseRole(viewer: Viewer, of: Pick<VersionRow, "tier" | "owner">): void {
    refuseIfAny(this.denials(viewer, of), "denied");
  }

  /** Sizes of those of these files whose bytes the viewer has. */
  sizes(tx: Tx, entries: readonly FileEntry[]): Promise<Map<string, number>> {
    return this.blobs.usable(
      tx,
      entries.map(({ sha256 }) => sha256),
    );
  }

  /** Looks at files before anything is written: whether the viewer has the bytes, and what is in them. */
  async inspect(entries: readonly FileEntry[], sizes: ReadonlyMap<string, number>): Promise<FoundFiles> {
    const stored = entries.map((entry) => ({ ...entry, sizeBytes: sizes.get(entry.sha256) ?? 0, kind: kindOfFile(entry.path) }));
    const unknown = entries.flatMap(({ path, sha256 }, index) =>
      sizes.has(sha256) ? [] : [{ code: "blob_unknown", detail: `${path}: upload the bytes first`, pointer: `/files/${index}/sha256` }],
    );
    const readable = unknown.length === 0 ? await this.content.findings(stored) : [];
    return { stored, violations: [...checkFormats(entries), ...unknown, ...readable] };
  }

  /** The versions that these drafts name as parents, as far as the viewer sees them. */
  parentRows(tx: Tx, requests: readonly Pick<CreateVersion, "parents">[]): Promise<VersionRow[]> {
    return this.versions.byRef(tx, [...new Set(requests.flatMap(({ parents }) => parents.map(({ version }) => version)))]);
  }

  private async row(tx: Tx, id: string): Promise<VersionRow> {
    const [row] = await this.versions.byId(tx, [id]);
    if (row === undefined) throw new Error(`Version ${id} cannot be read back.`);
    return row;
  }

  private async view(tx: Tx, row: VersionRow): Promise<Version> {
    const [view] = await this.views.of(tx, [row]);
    if (view === undefined) throw new Error(`Version ${row.id} cannot be shown.`);
    return view;
  }
}

const MOST_FILES = 100_000;

/** The files of a draft, as far as the viewer has their bytes. */
export interface FoundFiles {
  readonly stored: readonly StoredFile[];
  readonly violations: readonly Violation[];
}
/** A draft that was judged: it may be written when nothing stands against it. */
export interface DraftPlan {
  readonly request: CreateVersion;
  readonly files: readonly StoredFile[];
  readonly violations: readonly Violation[];
  readonly edges: readonly NewEdge[];
  readonly terms: Terms;
}
export type DraftOwner = Pick<ModelRow, "id" | "institution_id" | "namespace" | "slug" | "tier">;
export interface WrittenDraft {
  readonly id: string;
  readonly ref: string;
  readonly entry: AuditRecord;
}

/** What a request says of its parents, with each as far as the viewer sees it. */
function claimsOf({ parents }: Pick<CreateVersion, "parents">, rows: readonly VersionRow[]): ParentClaim[] {
  return parents.map(({ version, relation }) => {
    const row = rows.find((candidate) => refOf(candidate) === version);
    return { ref: version, relation, release: row === undefined ? null : releaseOf(row) };
  });
}

function edgesOf({ parents }: Pick<CreateVersion, "parents">, rows: readonly VersionRow[]): NewEdge[] {
  return parents.flatMap(({ version, relation }) => {
    const row = rows.find((candidate) => refOf(candidate) === version);
    return row === undefined ? [] : [{ parentId: row.id, relation, parentDigest: row.root_digest }];
  });
}

/** Clashes of new files with those that are there already and stay. */
function besides(entries: readonly FileEntry[], present: readonly StoredFile[]): Violation[] {
  const added = new Set(entries.map(({ path }) => path));
  const staying = present.filter(({ path }) => !added.has(path));
  return checkPaths([...entries, ...staying]);
}

function sealed(row: VersionRow): Refusal {
  const detail = `${refOf(row)} is ${row.state === "draft" ? "sealed" : row.state}; its files are fixed. Make a new version`;
  return new Refusal("conflict", detail, [{ code: "sealed", detail }]);
}
