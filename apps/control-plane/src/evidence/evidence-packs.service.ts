import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { Injectable } from "@nestjs/common";
import { EVIDENCE_ALIAS, EVIDENCE_MANIFEST_TYPE, EvidenceManifest, type EvidenceQuery } from "@ziggurat/contracts";
import { checkInstant, type EvidenceFacts, evidenceDocuments, evidenceReadMes, subjectOf } from "@ziggurat/lineage";
import { AuditSlices } from "../audit/export/audit-slices.service.js";
import { canonicalJson } from "../platform/database/audit-record.js";
import { PLATFORM_ID } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { ed25519Envelope } from "../platform/keys/ed25519-envelope.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import type { ModelRow } from "../registry/models/model-row.js";
import { Models } from "../registry/models/models.service.js";
import { EvidenceRepository, type StoredSeal, type StoredSignature } from "./evidence.repository.js";
import { EvidenceFactsReader } from "./evidence-facts.service.js";
import { type ArchiveEntry, writeArchive } from "./write-archive.js";

interface Task {
  readonly namespace: string;
  readonly slug: string;
}

/** Packs of evidence as of an instant. Whoever may ask gets the same bytes, now and later: they hold what can no longer change. */
@Injectable()
export class EvidencePacks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly models: Models,
    private readonly repository: EvidenceRepository,
    private readonly facts: EvidenceFactsReader,
    private readonly slices: AuditSlices,
    private readonly keys: PlatformKeys,
  ) {}

  /**
   * Checks the question, notes who took the evidence along, and answers the archive to come.
   * @throws Refusal `hidden` for a model the viewer cannot see, `denied` for another's, `rule` where the instant or the version does not hold
   */
  async open(viewer: Viewer, { namespace, slug }: Task, query: EvidenceQuery): Promise<Readable> {
    refuseBoth(query);
    const at = new Date(query.at).toISOString();
    const model = await this.unitOfWork.run(viewer, (tx) => this.models.load(tx, namespace, slug));
    refuseOthers(viewer, model);
    await this.refuseOpen(viewer, model, at);
    const eyes = eyesOf(model);
    const asked = query.version === undefined ? { alias: query.alias ?? EVIDENCE_ALIAS } : { number: query.version };
    const { facts, ...stored } = await this.facts.read(eyes, model, at, asked);
    const log = await this.slices.open(eyes, { id: model.institution_id, slug: model.owner }, at);
    if (log === null) throw unsealed(at);
    await this.unitOfWork.run(viewer, (tx) =>
      tx.audit({ institutionId: model.institution_id, action: "evidence.export", object: facts.version, after: { at, ...asked } }),
    );
    return writeArchive(this.entries(facts, stored, log));
  }

  /** Refuses an instant whose past may still grow. Asked before anything is read: what is committed by then is seen by all that follows. */
  private async refuseOpen(viewer: Viewer, model: ModelRow, at: string): Promise<void> {
    const isOpen = await this.unitOfWork.run(viewer, (tx) => this.repository.isOpen(tx, model.institution_id, at));
    refuseIfAny(checkInstant({ at: new Date(at), now: new Date(), isOpen }));
  }

  /** In order of path, and last what vouches for all of them. */
  private async *entries(facts: EvidenceFacts, stored: Stored, log: AsyncGenerator<string>): AsyncGenerator<ArchiveEntry> {
    const listed: EvidenceManifest["entries"] = [];
    const list = ({ path, body }: ArchiveEntry): ArchiveEntry => {
      listed.push({ path, sizeBytes: body.length, sha256: createHash("sha256").update(body).digest("hex") });
      return { path, body };
    };
    const documents = this.documents(facts, stored);
    for (const entry of documents) if (entry.path < LOG) yield list(entry);
    for await (const entry of logEntries(log)) yield list(entry);
    for (const entry of documents) if (entry.path > LOG) yield list(entry);
    const manifest = canonicalJson(manifestOf(facts, listed));
    const { auditPrivateKey, auditPublicKey } = this.keys;
    yield { path: "manifest.json", body: Buffer.from(`${manifest}\n`) };
    const envelope = ed25519Envelope(EVIDENCE_MANIFEST_TYPE, manifest, auditPrivateKey, auditPublicKey);
    yield { path: "manifest.dsse", body: Buffer.from(`${canonicalJson(envelope)}\n`) };
  }

  /** Everything but the log, in order of path. */
  private documents(facts: EvidenceFacts, { signatures, seals }: Stored): ArchiveEntry[] {
    const texts: [string, string][] = [
      ...Object.entries(evidenceReadMes(facts)),
      ...Object.entries(evidenceDocuments(facts)).map(([path, document]): [string, string] => [path, `${canonicalJson(document)}\n`]),
      // Not a byte more than was hashed.
      ...seals.map(({ ref, record }): [string, string] => [`seals/${ref}.json`, record]),
      ...signatures.map(({ ref, keyId, bundle }): [string, string] => [`signatures/${ref}.${keyId.slice(0, 16)}.sig`, bundle]),
      ...signatures.map(({ keyId, publicKey }): [string, string] => [`keys/model-signing-${keyId.slice(0, 16)}.pem`, publicKey]),
      ["keys/audit.pem", this.keys.auditPublicKey.export({ type: "spki", format: "pem" }).toString()],
    ];
    const byPath = new Map(texts);
    return [...byPath].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => ({ path, body: Buffer.from(text) }));
  }
}

/** What goes into a pack as it was stored. */
interface Stored {
  readonly signatures: readonly StoredSignature[];
  readonly seals: readonly StoredSeal[];
}

const LOG = "audit/";

/** Parts whose names sort in the order of the lines, so that put together they are the export. */
async function* logEntries(log: AsyncGenerator<string>): AsyncGenerator<ArchiveEntry> {
  let number = 0;
  for await (const lines of log) {
    number += 1;
    yield { path: `${LOG}${String(number).padStart(6, "0")}.jsonl`, body: Buffer.from(lines) };
  }
}

function manifestOf(facts: EvidenceFacts, entries: EvidenceManifest["entries"]): EvidenceManifest {
  return EvidenceManifest.parse({
    format: "ziggurat-evidence-pack/1",
    institution: facts.institution,
    model: facts.model,
    version: facts.version,
    rootDigest: subjectOf(facts).rootDigest,
    alias: facts.alias?.name ?? null,
    at: facts.at,
    entries,
  });
}

/** A pack is read with the eyes of the institution it is about, whoever asks: nobody gets more, and all get the same. */
function eyesOf(model: ModelRow): Viewer {
  const viewer = systemViewer(model.institution_id, model.owner, "evidence");
  return { ...viewer, reach: model.institution_id === PLATFORM_ID ? "platform" : "tenant" };
}

function refuseBoth({ alias, version }: EvidenceQuery): void {
  if (alias === undefined || version === undefined) return;
  const detail = "alias and version: name one of them; the alias leads to the version it pointed to then";
  refuseIfAny([{ code: "alias_or_version", detail, pointer: "/version" }], "invalid");
}

/** A pack holds its owner's audit log. The catalogue shows others the model, not that. */
function refuseOthers(viewer: Viewer, model: ModelRow): void {
  if (viewer.reach === "platform" || viewer.institutionId === model.institution_id) return;
  const detail = `Evidence about ${model.namespace}/${model.slug} is for ${model.owner}'s own reviewers, auditors and administrators.`;
  throw new Refusal("denied", detail, [{ code: "role", detail }]);
}

function unsealed(at: string): Refusal {
  const violations = checkInstant({ at: new Date(at), now: new Date(at), isOpen: true });
  return new Refusal("rule", violations.map(({ detail }) => detail).join("; "), violations);
}
