import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import { IN_TOTO_PAYLOAD, modelSigningStatement } from "@ziggurat/lineage";
import { rootDigest, rootDigestOrder } from "@ziggurat/pyramid";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../../platform/database/viewer.js";
import { hidden } from "../../platform/errors/refusal.js";
import { dsseBundle } from "../../platform/keys/dsse.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { refOf, type VersionRow } from "../versions/version-row.js";
import { VersionsRepository } from "../versions/versions.repository.js";
import type { VersionPlace } from "../versions/versions.service.js";

/** Signatures of releases: made once, by the transaction that releases, over the bytes that were sealed. */
@Injectable()
export class ReleaseSignatures {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly keys: PlatformKeys,
  ) {}

  /** Signs a version that is being released; one released before and signed with this key keeps its signature. Answers the key's id. */
  async sign(tx: Tx, row: VersionRow): Promise<string> {
    const { signingKey: key } = this.keys;
    const files = rootDigestOrder(await this.versions.files(tx, row.id, "", MOST_FILES));
    const digest = rootDigest(files, (bytes) => createHash("sha256").update(bytes).digest("hex"));
    if (digest === null || digest !== row.root_digest) throw new Error(`The files of ${refOf(row)} do not make up its root digest.`);
    const statement = canonicalJson(modelSigningStatement(row.slug, digest, files));
    const bundle = canonicalJson(dsseBundle(key, IN_TOTO_PAYLOAD, statement));
    await tx.query("insert into signing_keys (key_id, public_key) values ($1, $2) on conflict do nothing", [key.keyId, key.publicPem]);
    await tx.query(
      `insert into version_signatures (version_id, key_id, institution_id, root_digest, bundle) values ($1, $2, $3, $4, $5)
       on conflict (version_id, key_id) do nothing`,
      [row.id, key.keyId, row.institution_id, digest, bundle],
    );
    return key.keyId;
  }

  /** `model.sig` of a release, the latest where it was signed with several keys. What was never released has none. */
  get(viewer: Viewer, { namespace, slug, number }: VersionPlace): Promise<string> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const version = await this.versions.find(tx, namespace, slug, number);
      if (version === null) throw hidden();
      const [row] = await tx.query<{ bundle: string }>(
        "select bundle from version_signatures where version_id = $1 order by signed_at desc limit 1",
        [version.id],
      );
      if (row === undefined) throw hidden();
      return row.bundle;
    });
  }

  /** The public key in PEM: the present one, or any that releases were signed with. */
  async publicKey(keyId?: string): Promise<string> {
    const { signingKey } = this.keys;
    if (keyId === undefined || keyId === signingKey.keyId) return signingKey.publicPem;
    const [row] = await this.unitOfWork.run(systemViewer(PLATFORM_ID, PLATFORM_SLUG), (tx) =>
      tx.query<{ public_key: string }>("select public_key from signing_keys where key_id = $1", [keyId]),
    );
    if (row === undefined) throw hidden();
    return row.public_key;
  }
}

const MOST_FILES = 100_000;
