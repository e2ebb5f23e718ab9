import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** Where a secret lies: bound to it, a closed text that was carried off to another row opens nothing. */
export interface Place {
  readonly table: string;
  readonly row: string;
}

interface Key {
  /** Tells which of several keys a text was closed with; says nothing about the key itself. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** A closed text cannot be opened with any key at hand. */
export class VaultClosed extends Error {}

/** How texts were closed before keys had ids: no place, one key. Still read, never written. */
const OLD = "sealed:";
export const SEALED = "sealed2:";

/**
 * Closes secrets that must be read again (AES-256-GCM, bound to their place) with the operator's key. Without a key texts lie open, and are
 * closed by {@link KeyRotation} once there is one.
 */
export class Vault {
  private readonly current: Key | null;
  private readonly all: readonly Key[];

  /** @param previous keys that older texts may still lie under */
  constructor(secretKey: string | null, previous: readonly string[] = []) {
    this.current = secretKey === null ? null : keyOf(secretKey);
    this.all = [...(this.current === null ? [] : [this.current]), ...previous.map(keyOf)];
  }

  /** Id of the key that texts are closed with; null where they lie open. */
  get keyId(): string | null {
    return this.current?.id ?? null;
  }

  /** What every text begins with that needs no closing again; empty where there is no key. */
  get prefix(): string {
    return this.current === null ? "" : `${SEALED}${this.current.id}:`;
  }

  /** Whether a text with this key's id can be opened. */
  knows(id: string): boolean {
    return this.all.some((key) => key.id === id);
  }

  close(text: string, place: Place): string {
    if (this.current === null) return text;
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.current.bytes, iv).setAAD(boundTo(place));
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return this.prefix + Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
  }

  /** @throws VaultClosed in words for the operator, when no key at hand opens it, or it was closed for another place */
  open(text: string, place: Place): string {
    if (text.startsWith(OLD)) return this.openOld(text);
    if (!text.startsWith(SEALED)) return text;
    const [id = "", body = ""] = text.slice(SEALED.length).split(":", 2);
    const key = this.all.find((known) => known.id === id);
    if (key === undefined) throw new VaultClosed(`some lie under the key ${id}, and ${this.atHand}`);
    return decrypt(key, body, boundTo(place)) ?? fail(`what lies in ${place.table} was altered, or put there from elsewhere`);
  }

  private openOld(text: string): string {
    for (const key of this.all) {
      const opened = decrypt(key, text.slice(OLD.length), null);
      if (opened !== null) return opened;
    }
    return fail(`some lie under another key, and ${this.atHand}`);
  }

  /** Which keys are set, in words. */
  get atHand(): string {
    return this.all.length === 0 ? "none is set" : `set ${this.all.length === 1 ? "is" : "are"} ${this.all.map(({ id }) => id).join(", ")}`;
  }
}

function keyOf(secretKey: string): Key {
  const bytes = Buffer.from(hkdfSync("sha256", secretKey, "", "ziggurat platform keys", 32));
  const id = createHash("sha256").update("ziggurat key id").update(bytes).digest("hex").slice(0, 8);
  return { id, bytes };
}

function boundTo({ table, row }: Place): Buffer {
  return Buffer.from(JSON.stringify([table, row]));
}

function decrypt(key: Key, body: string, aad: Buffer | null): string | null {
  const bytes = Buffer.from(body, "base64");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
    if (aad !== null) decipher.setAAD(aad);
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

function fail(why: string): never {
  throw new VaultClosed(why);
}
