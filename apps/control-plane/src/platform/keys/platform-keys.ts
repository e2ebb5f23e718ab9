import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { DataSource } from "typeorm";
import { StartRefusal } from "../start-refusal.js";
import { SEALED_COLUMNS } from "./sealed-columns.js";
import { readSigningKey, SigningKey } from "./signing-key.js";
import { type Place, SEALED, type Vault, VaultClosed } from "./vault.js";

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
    /** Closes other secrets that must be read again, such as those of second factors; their columns stand in `SEALED_COLUMNS`. */
    readonly vault: Vault,
  ) {}
}

/**
 * Reads the keys, making those that are missing; two processes that start at once agree on one.
 * @param vault with a key, private keys lie encrypted in the database, and every later start needs that key, as its key or as a previous one
 * @param signingKeyFile PKCS#8 of the operator's, used for releases instead of a key of the platform's own
 * @throws StartRefusal when the keys lie under a key that is not at hand
 */
export async function loadPlatformKeys(dataSource: DataSource, vault: Vault, signingKeyFile: string | null): Promise<PlatformKeys> {
  await refuseUnknownKeys(dataSource, vault);
  const cursor = await findOrMake(dataSource, "cursor", () => ({ publicKey: null, secret: randomBytes(32).toString("base64") }), vault);
  const audit = await findOrMake(dataSource, "audit", makeAuditKey, vault);
  const privateKey = createPrivateKey(audit);
  const signingKey =
    signingKeyFile === null
      ? new SigningKey(createPrivateKey(await findOrMake(dataSource, "model-signing", makeReleaseKey, vault)))
      : readSigningKey(signingKeyFile);
  return new PlatformKeys(Buffer.from(cursor, "base64"), privateKey, createPublicKey(privateKey), signingKey, vault);
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
  const place: Place = { table: "platform_keys", row: name };
  if (existing !== undefined) return opened(vault, existing, place);
  const made = make();
  await dataSource.query("insert into platform_keys (name, public_key, private_key) values ($1, $2, $3) on conflict do nothing", [
    name,
    made.publicKey,
    vault.close(made.secret, place),
  ]);
  const stored = await find();
  if (stored === undefined) throw new Error(`The key ${name} could not be stored.`);
  return opened(vault, stored, place);
}

/** Every secret must have its key, not only those that a start reads: a person's second factor would fail them weeks later. */
async function refuseUnknownKeys(dataSource: DataSource, vault: Vault): Promise<void> {
  const ids = await dataSource.transaction(async (manager) => {
    await manager.query("select set_config('app.reach', 'system', true)");
    const found: string[] = [];
    for (const { table, column } of SEALED_COLUMNS) {
      const rows: { id: string }[] = await manager.query(
        `select distinct split_part(${column}, ':', 2) as id from ${table} where starts_with(${column}, '${SEALED}')`,
      );
      found.push(...rows.map(({ id }) => id));
    }
    return found;
  });
  const unknown = [...new Set(ids)].filter((id) => !vault.knows(id));
  if (unknown.length > 0) throw closed(`some lie under the key ${unknown.join(" and ")}, and ${vault.atHand}`);
}

function closed(why: string): StartRefusal {
  return new StartRefusal(
    `The secrets in the database cannot be opened: ${why}. Set ZIGGURAT_SECRET_KEY as it was, or name the old key in ZIGGURAT_SECRET_KEY_PREVIOUS.`,
  );
}

function opened(vault: Vault, stored: string, place: Place): string {
  try {
    return vault.open(stored, place);
  } catch (error) {
    if (!(error instanceof VaultClosed)) throw error;
    throw closed(error.message);
  }
}
