import type { DataSource } from "typeorm";
import type { Config } from "../platform/config.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { loadPlatformKeys } from "../platform/keys/platform-keys.js";
import { Vault } from "../platform/keys/vault.js";
import { StartRefusal } from "../platform/start-refusal.js";
import { KeyRotation } from "./key-rotation.service.js";
import { SealedTexts } from "./sealed-texts.repository.js";

/**
 * Closes every secret under the key that is set, at once, for whoever does not wait for the worker. Killed, it is run again.
 * @returns lines for the operator
 * @throws StartRefusal without a key, with one that does not fit, or where a secret stays under an earlier one
 */
export async function rotateSecretKey(
  dataSource: DataSource,
  { secretKey, previousSecretKeys, signingKeyFile }: Pick<Config, "secretKey" | "previousSecretKeys" | "signingKeyFile">,
): Promise<string> {
  if (secretKey === null) {
    throw new StartRefusal("Set the new key as ZIGGURAT_SECRET_KEY, and the one before as ZIGGURAT_SECRET_KEY_PREVIOUS.");
  }
  const keys = await loadPlatformKeys(dataSource, new Vault(secretKey, previousSecretKeys), signingKeyFile);
  const rotation = new KeyRotation(new UnitOfWork(dataSource), new SealedTexts(), keys);
  const before = await rotation.state();
  await rotation.run();
  const { keyId, isDone, secrets } = await rotation.state();
  const lines = secrets.map(({ kind, current, waiting }, index) => {
    const closed = (before.secrets[index]?.waiting ?? 0) - waiting;
    return `${kind}: ${current} under the key ${keyId}, ${Math.max(0, closed)} of them closed now${waiting === 0 ? "" : `; ${waiting} still wait`}`;
  });
  if (!isDone)
    throw new StartRefusal(
      [...lines, "Some secrets stay under an earlier key: run it again, and keep ZIGGURAT_SECRET_KEY_PREVIOUS."].join("\n"),
    );
  return [...lines, "Done. Start with ZIGGURAT_SECRET_KEY alone; keep the earlier key as long as backups that were made under it."].join(
    "\n",
  );
}
