import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { DataSource } from "typeorm";
import { readSigningKey, SigningKey } from "./signing-key.js";

/** Keys the platform makes for itself on its first start and keeps in the database. */
export class PlatformKeys {
  constructor(
    /** Signs list cursors. */
    readonly cursorKey: Buffer,
    /** Ed25519: signs audit checkpoints. */
    readonly auditPrivateKey: KeyObject,
    readonly auditPublicKey: KeyObject,
    /** Signs releases and provenance; the operator's own where one is configured. */
    readonly signingKey: SigningKey,
    /** Closes other secrets that must be read again, such as those of second factors. */
    readonly vault: Vault,
  ) {}
}

/**
 * Reads the keys, making those that are missing; two processes that start at once agree on one.
 * @param secretKey with one, private keys lie encrypted in the database (AES-256-GCM) and every later start needs the same one
 * @param signingKeyFile PKCS#8 of the operator's, used for releases instead of a key of the platform's own
 */
export async function loadPlatformKeys(
  dataSource: DataSource,
  secretKey: string | null,
  signingKeyFile: string | null,
): Promise<PlatformKeys> {
  const vault = secretKey === null ? plain : sealedBy(secretKey);
  const cursor = await findOrMake(dataSource, "cursor", () => ({ publicKey: null, secret: randomBytes(32).toString("base64") }), vault);
  const audit = await findOrMake(dataSource, "audit", makeAuditKey, vault);
  const privateKey = createPrivateKey(audit);
  const signingKey =
    signingKeyFile === null
      ? new SigningKey(createPrivateKey(await findOrMake(dataSource, "model-signing", makeReleaseKey, vault)))
      : readSigningKey(signingKeyFile);
  return new PlatformKeys(Buffer.from(cursor, "base64"), privateKey, createPublicKey(privateKey), signingKey, vault);
}

/** Encrypts with the operator's secret key where there is one; without it texts lie open, as the private keys do. */
export interface Vault {
  readonly close: (text: string) => string;
  readonly open: (text: string) => string;
}

interface MadeKey {
  readonly publicKey: string | null;
  readonly secret: string;
}

function makeAuditKey(): MadeKey {
  return pemOf(generateKeyPairSync("ed25519"));
}

function makeReleaseKey(): MadeKey {
  return pemOf(generateKeyPairSync("ec", { namedCurve: "P-256" }));
}

function pemOf({ publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }): MadeKey {
  return {
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    secret: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

async function findOrMake(dataSource: DataSource, name: string, make: () => MadeKey, vault: Vault): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const rows: { private_key: string }[] = await dataSource.query("select private_key from platform_keys where name = $1", [name]);
    return rows[0]?.private_key;
  };
  const existing = await find();
  if (existing !== undefined) return vault.open(existing);
  const made = make();
  await dataSource.query("insert into platform_keys (name, public_key, private_key) values ($1, $2, $3) on conflict do nothing", [
    name,
    made.publicKey,
    vault.close(made.secret),
  ]);
  const stored = await find();
  if (stored === undefined) throw new Error(`The key ${name} could not be stored.`);
  return vault.open(stored);
}

const SEALED = "sealed:";

const plain: Vault = {
  close: (text) => text,
  open: (text) => {
    if (text.startsWith(SEALED)) throw new Error("The platform's keys were stored under ZIGGURAT_SECRET_KEY; set the same one again.");
    return text;
  },
};

function sealedBy(secretKey: string): Vault {
  const key = Buffer.from(hkdfSync("sha256", secretKey, "", "ziggurat platform keys", 32));
  return {
    close: (text) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return SEALED + Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
    },
    open: (text) => {
      if (!text.startsWith(SEALED)) return text;
      const bytes = Buffer.from(text.slice(SEALED.length), "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
    },
  };
}
