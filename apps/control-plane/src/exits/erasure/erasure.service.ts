import { Injectable } from "@nestjs/common";
import { ERASURE_CERTIFICATE_TYPE, ExitId, type QueuePayload } from "@ziggurat/contracts";
import { exitBlockers, unwaived } from "@ziggurat/institution";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { ed25519Envelope } from "../../platform/keys/ed25519-envelope.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { QueueHandler } from "../../platform/queue/queue-handler.js";
import { takeDue } from "../../platform/queue/take-due.js";
import { PurgesRepository } from "../../purges/purges.repository.js";
import { ExitFactsRepository } from "../exit-facts.repository.js";
import { type ExitRow, ExitsRepository } from "../exits.repository.js";
import { certificateFacts } from "./certificate.js";
import { EraseFiles } from "./erase-files.service.js";
import { ErasureRepository, type Standing } from "./erasure.repository.js";
import { STEPS, type Step } from "./steps.js";

/** Seconds after which an erasure whose worker fell silent is taken up again. */
const LEASE_SECONDS = 60;
/** Seconds until an erasure that something stands in the way of is looked at again. */
const POSTPONED_SECONDS = 60;
/** Milliseconds after which a handler lets go for a turn. */
const SLICE_MS = 15_000;
/** Versions that become tombstones in one transaction. */
const TOMBSTONES = 50;

/**
 * Carries erasures out, batch by batch, each in a transaction of its own: a kill repeats at most the last. The institution's state opens its
 * records to this work and to nothing else; triggers ask for it row by row.
 */
@Injectable()
export class Erasure {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exits: ExitsRepository,
    private readonly facts: ExitFactsRepository,
    private readonly repository: ErasureRepository,
    private readonly purges: PurgesRepository,
    private readonly files: EraseFiles,
    private readonly keys: PlatformKeys,
  ) {}

  @QueueHandler("institution.erase")
  async erase({ exitId: id }: QueuePayload<"institution.erase">): Promise<void> {
    try {
      if (!(await this.begin(id))) return;
      const began = Date.now();
      while (await this.batch(id)) {
        if (Date.now() - began < SLICE_MS) continue;
        await this.unitOfWork.run(ERASER, (tx) => tx.enqueue("institution.erase", { exitId: id }));
        return;
      }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await this.unitOfWork.run(ERASER, (tx) => this.repository.broke(tx, id, detail));
      throw error;
    }
  }

  /** Enqueues every exit whose erasure is due, whatever became of earlier messages. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(ERASER, async (tx) => {
      for (const id of await takeDue(tx, "institution_exits", LEASE_SECONDS))
        await tx.enqueue("institution.erase", { exitId: ExitId.parse(id) });
    });
  }

  /** From here there is no way back. Asked once more what stands in the way: a hold may have come since the approval. @returns whether to go on */
  private begin(id: string): Promise<boolean> {
    return this.unitOfWork.run(ERASER, async (tx) => {
      const found = await this.exits.find(tx, id);
      if (found === null) return false;
      const { state } = await this.exits.lockInstitution(tx, found.institution_id);
      // Whoever cancelled it meanwhile was waited for.
      const exit = await this.exits.find(tx, id);
      if (exit?.state === "erasing") return true;
      if (exit?.state !== "leaving" || state !== "leaving" || exit.erases_at === null || exit.erases_at > new Date()) return false;
      const blockers = unwaived(exitBlockers(await this.facts.read(tx, exit.institution_id)), exit.waiver !== null);
      if (blockers.length > 0) {
        await this.exits.postpone(tx, id, blockers, POSTPONED_SECONDS);
        return false;
      }
      await this.exits.setState(tx, exit.institution_id, "erasing");
      await this.repository.begin(tx, id);
      await this.repository.closeDoors(tx, exit.institution_id);
      await this.repository.endExports(tx, exit.institution_id);
      await tx.audit({
        institutionId: exit.institution_id,
        action: "exit.erase",
        object: exit.slug,
        before: { state: "leaving" },
        after: { state: "erasing", exit: id },
      });
      return true;
    });
  }

  /** The next batch of the step that is due. @returns whether there is more to do */
  private batch(id: string): Promise<boolean> {
    return this.unitOfWork.run(ERASER, async (tx) => {
      const exit = await this.repository.lockErasing(tx, id, LEASE_SECONDS);
      if (exit === null) return false;
      await this.repository.opens(tx, exit.institution_id);
      const step = STEPS[exit.steps_done];
      if (step === undefined) {
        await this.finish(tx, exit);
        return false;
      }
      if (!(await this.take(tx, exit, step))) await this.repository.stepDone(tx, id, exit.steps_done + 1);
      return true;
    });
  }

  /** @returns whether something of the step may be left */
  private async take(tx: Tx, exit: ExitRow, step: Step): Promise<boolean> {
    const { id, institution_id: institutionId } = exit;
    switch (step.kind) {
      case "note_files":
        await this.repository.noteFiles(tx, exit);
        return false;
      case "folders":
        await this.files.folders(tx, institutionId);
        return false;
      case "delete": {
        const n = await this.repository.deleteSome(tx, step.table, institutionId, step.order);
        if (n > 0) await this.repository.count(tx, id, step.table, "deleted", n);
        return n > 0;
      }
      case "blank": {
        const n = await this.repository.blankSome(tx, step.table, institutionId, step.set);
        if (n > 0) await this.repository.count(tx, id, step.table, "blanked", n);
        return n > 0;
      }
      case "versions":
        return this.bury(tx, exit, "version", await this.repository.standingVersions(tx, institutionId, TOMBSTONES));
      case "datasets":
        return this.bury(tx, exit, "dataset", await this.repository.standingDatasetVersions(tx, institutionId, TOMBSTONES));
      case "forget_files":
        return this.files.forget(tx, id);
      // A transaction after the one that forgot them, so that no file is gone while its row may yet come back.
      case "remove_files":
        return this.files.remove(tx, id);
      case "redact": {
        const n = await this.repository.redactSome(tx, institutionId);
        return n > 0;
      }
    }
  }

  /** Tombstones as a purge leaves them: number, digests, list of files and edges stay. */
  private async bury(tx: Tx, exit: ExitRow, kind: "version" | "dataset", standing: readonly Standing[]): Promise<boolean> {
    if (kind === "version")
      await this.repository.retire(
        tx,
        standing.map(({ id }) => id),
      );
    for (const { id, model_id, ref, state, files, size_bytes } of standing) {
      const target = { kind, ref, id, institutionId: exit.institution_id, owner: exit.slug, modelId: model_id };
      await this.purges.drop(tx, target, { state, files, sizeBytes: Number(size_bytes), reason: "its institution has left" });
    }
    const table = kind === "version" ? "version_files" : "dataset_rows";
    const n = standing.reduce((sum, { files }) => sum + files, 0);
    if (n > 0) await this.repository.count(tx, exit.id, table, "deleted", n);
    return standing.length > 0;
  }

  /** The signed word that it is done, and the last entries about it: in the institution's chain, and in the platform's. */
  private async finish(tx: Tx, exit: ExitRow): Promise<void> {
    const certificate = canonicalJson(await certificateFacts(tx, exit, new Date()));
    const envelope = ed25519Envelope(ERASURE_CERTIFICATE_TYPE, certificate, this.keys.auditPrivateKey, this.keys.auditPublicKey);
    await this.repository.finish(tx, exit, envelope);
    const after = { exit: exit.id, certificate: envelope };
    await tx.auditAll(
      [exit.institution_id, PLATFORM_ID].map((institutionId) => ({
        institutionId,
        action: "exit.finish",
        object: exit.slug,
        before: { state: "erasing" },
        after,
      })),
    );
  }
}

const ERASER = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "erasure");
