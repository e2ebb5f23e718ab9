import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** 256 random bits as hex: session cookies, CSRF tokens, the secret part of a token. */
export function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** What is stored of a secret. Secrets are random and long, so one pass of SHA-256 is enough. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Twenty letters and digits a person can type, without look-alikes; about 100 bits. */
export function newOneTimePassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const letters = Array.from(randomBytes(64))
    .filter((byte) => byte < alphabet.length * 8)
    .map((byte) => alphabet[byte % alphabet.length])
    .slice(0, 20)
    .join("");
  return letters.replace(/(.{5})(?=.)/g, "$1-");
}

const TOKEN = /^(?:zig|hf)_([0-9a-f]{32}_[0-9a-f]{64})([0-9a-f]{8})$/;

/** `zig_<id>_<secret><crc>`: the prefix lets secret scanners find it, the checksum lets them be sure. */
export function newTokenText(tokenId: string): string {
  const body = `zig_${tokenId.slice(tokenId.indexOf("_") + 1)}_${newSecret()}`;
  return body + checksum(body);
}

/**
 * A text that could be a token of ours, as it was made; null for any other. A typing mistake is told apart without asking the database.
 * Clients of the Hugging Face hub send only what begins with `hf_`: that stands for `zig_`, and nothing else changes.
 */
export function tokenTextIn(text: string): string | null {
  const [, rest, crc] = TOKEN.exec(text) ?? [];
  const body = `zig_${rest}`;
  return crc !== undefined && checksum(body) === crc ? body + crc : null;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
