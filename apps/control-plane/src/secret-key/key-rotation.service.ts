import { Injectable, Logger } from "@nestjs/common";
import type { SecretKeyState } from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { SEALED_COLUMNS, type SealedColumn } from "../platform/keys/sealed-columns.js";
import { VaultClosed } from "../platform/keys/vault.js";
import { type SealedText, SealedTexts } from "./sealed-texts.repository.js";

/** Secrets closed anew in one transaction. */
const BATCH = 100;
const rotator = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "key rotation");

/** Closes every secret under the key that is set now: those under an earlier one, and those that lay open before there was a key. */
@Injectable()
export class KeyRotation {
  private readonly logger = new Logger(KeyRotation.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly texts: SealedTexts,
    private readonly keys: PlatformKeys,
  ) {}

  /** Batch by batch, each committed: whoever is killed in between has lost nothing, and the next start finds what is left. */
  async run(): Promise<void> {
    if (this.keys.vault.keyId === null) return;
    for (const column of SEALED_COLUMNS) {
      for (let after: string | null = ""; after !== null; ) after = await this.batch(column, after);
    }
  }

  state(): Promise<SecretKeyState> {
    const { keyId, prefix } = this.keys.vault;
    return this.unitOfWork.run(rotator, async (tx) => {
      const secrets: SecretKeyState["secrets"] = [];
      for (const column of SEALED_COLUMNS) secrets.push({ kind: column.table, ...(await this.texts.count(column, tx, prefix)) });
      return { keyId, isDone: secrets.every(({ waiting }) => waiting === 0), secrets };
    });
  }

  /** @returns the row to go on after; null at the end */
  private batch(column: SealedColumn, after: string): Promise<string | null> {
    const { keyId, prefix } = this.keys.vault;
    return this.unitOfWork.run(rotator, async (tx) => {
      const waiting = await this.texts.waiting(column, tx, prefix, after, BATCH);
      const closed = waiting.flatMap((text) => this.closedAnew(column, text));
      if (closed.length > 0) {
        await this.texts.replace(column, tx, closed);
        const reason = `${closed.length} of ${column.table} closed under the key ${keyId}`;
        await tx.audit({ institutionId: PLATFORM_ID, action: "secret_key.rotate", object: column.table, reason });
      }
      return waiting.length < BATCH ? null : (waiting.at(-1)?.row ?? null);
    });
  }

  /** One that cannot be opened stays as it is, and keeps the others from nothing. */
  private closedAnew({ table }: SealedColumn, { row, text }: SealedText): SealedText[] {
    const place = { table, row };
    try {
      return [{ row, text: this.keys.vault.close(this.keys.vault.open(text, place), place) }];
    } catch (error) {
      if (!(error instanceof VaultClosed)) throw error;
      this.logger.error(`A secret of ${table} cannot be closed under the new key: ${error.message}.`);
      return [];
    }
  }
}
