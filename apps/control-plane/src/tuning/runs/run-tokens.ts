import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { Injectable } from "@nestjs/common";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";

/**
 * Tokens of attempts. They are derived, not drawn, so that a worker that crashed between writing the attempt and submitting it
 * finds the same token again; the database keeps only the digest.
 */
@Injectable()
export class RunTokens {
  private readonly key: Buffer;

  constructor(keys: PlatformKeys) {
    this.key = Buffer.from(hkdfSync("sha256", keys.cursorKey, "", "ziggurat run tokens", 32));
  }

  tokenOf(attemptId: string): string {
    return `zigrun_${createHmac("sha256", this.key).update(attemptId).digest("base64url")}`;
  }

  digestOf(token: string): string {
    return createHash("sha256").update(token).digest("hex");
  }

  matches(token: string, digest: string): boolean {
    return timingSafeEqual(Buffer.from(this.digestOf(token)), Buffer.from(digest));
  }
}
