#!/usr/bin/env node
import { createHash, createPublicKey, verify } from "node:crypto";
import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { verifyExport } from "./verify-audit.mjs";
import { NotVerified, openBundle, readFlags, readStatement, runCheck, wordsOf } from "./verify-model.mjs";

/**
 * `node verify-evidence.mjs PACK.tar --key key.pem`: checks a pack of evidence on a machine that knows neither the platform nor its
 * database, and names the first entry that is missing, extra or altered. Needs Node 20 and the two files beside it, nothing else.
 * Exit 0: everything holds. 1: something does not. 2: called wrongly.
 */
const TYPE = "application/vnd.ziggurat.evidence-pack.v1+json";
const BLOCK = 512;
/** What vouches for the entries and is not among them. */
const SIGNED = ["manifest.json", "manifest.dsse"];

/** @typedef {import("node:crypto").KeyObject} Key */
/** @typedef {{ readonly path: string, readonly sizeBytes: number, readonly sha256: string }} Listed */
/** @typedef {{ readonly format: string, readonly version: string, readonly rootDigest: string, readonly at: string, readonly entries: readonly Listed[] }} Manifest */
/** @typedef {{ readonly path: string, readonly start: number, readonly sizeBytes: number }} Entry */

/**
 * @param {{ readonly file: string, readonly key: string }} paths
 * @returns {Promise<string[]>} what holds, in words
 */
export async function verifyEvidence({ file, key }) {
  const publicKey = readPlatformKey(key);
  const archive = openSync(file, "r");
  try {
    const entries = readEntries(archive);
    const manifest = readManifest(archive, entries, publicKey);
    checkEntries(archive, entries, manifest);
    const said = await checkLog(archive, entries, readFileSync(key));
    const seals = checkSeals(archive, entries);
    const signatures = checkSignatures(archive, entries);
    return [
      `${manifest.version} as of ${manifest.at}, root digest ${manifest.rootDigest}`,
      ...said,
      `${seals} records of sealings are what the log says`,
      `${signatures} signatures of releases hold`,
      `VERIFIED: ${manifest.entries.length} entries`,
    ];
  } finally {
    closeSync(archive);
  }
}

/** @param {string} path @returns {Key} */
export function readPlatformKey(path) {
  try {
    return createPublicKey(readFileSync(path));
  } catch (error) {
    throw new NotVerified(`${path} is no public key in PEM: ${wordsOf(error)}`);
  }
}

// ---- tar (ustar)

/** @param {number} archive @returns {Map<string, Entry>} in the order of the archive */
export function readEntries(archive) {
  const { size } = fstatSync(archive);
  /** @type {Map<string, Entry>} */
  const found = new Map();
  for (let at = 0; ; ) {
    const header = read(archive, at, BLOCK);
    if (header.length < BLOCK) throw new NotVerified("the archive was cut off");
    if (header.every((byte) => byte === 0)) {
      const rest = read(archive, at, size - at);
      if (rest.length !== 2 * BLOCK || rest.some((byte) => byte !== 0))
        throw new NotVerified("something stands behind the end of the archive");
      return found;
    }
    const entry = readHeader(header, at + BLOCK);
    if (found.has(entry.path)) throw new NotVerified(`extra: ${entry.path} is in the archive twice`);
    found.set(entry.path, entry);
    at += BLOCK + Math.ceil(entry.sizeBytes / BLOCK) * BLOCK;
    if (at > size) throw new NotVerified(`missing: the end of ${entry.path}; the archive was cut off`);
    const padding = read(archive, entry.start + entry.sizeBytes, at - entry.start - entry.sizeBytes);
    if (padding.some((byte) => byte !== 0)) throw new NotVerified(`altered: something stands behind the end of ${entry.path}`);
  }
}

/** @param {Buffer} header @param {number} start @returns {Entry} */
function readHeader(header, start) {
  const text = (/** @type {number} */ from, /** @type {number} */ to) =>
    (header.subarray(from, to).toString("utf8").split("\0")[0] ?? "").trim();
  const path = [text(345, 500), text(0, 100)].filter((part) => part !== "").join("/");
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  if (sum !== Number.parseInt(text(148, 156), 8)) throw new NotVerified(`altered: the header of ${path} does not have its checksum`);
  const fixed = text(257, 262) === "ustar" && text(156, 157) === "0" && Number.parseInt(text(136, 148), 8) === 0;
  if (!fixed) throw new NotVerified(`altered: ${path} is not a plain file as packs hold them`);
  // Beyond 8 GiB the size is a binary number.
  const sizeBytes = header[124] === 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8);
  return { path, start, sizeBytes };
}

/** @param {number} archive @param {number} at @param {number} length @returns {Buffer} */
export function read(archive, at, length) {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(archive, bytes, 0, length, at));
}

/** @param {number} archive @param {Entry | undefined} entry @param {string} path @returns {Buffer} */
export function bodyOf(archive, entry, path) {
  if (entry === undefined) throw new NotVerified(`missing: ${path} is not in the archive`);
  return read(archive, entry.start, entry.sizeBytes);
}

/** @param {number} archive @param {Map<string, Entry>} entries @param {string} path @returns {any} */
export function jsonOf(archive, entries, path) {
  try {
    return JSON.parse(bodyOf(archive, entries.get(path), path).toString("utf8"));
  } catch (error) {
    if (error instanceof NotVerified) throw error;
    throw new NotVerified(`altered: ${path} is no JSON`);
  }
}

// ---- the manifest and what it lists

/** @param {number} archive @param {Map<string, Entry>} entries @param {Key} key @returns {Manifest} */
function readManifest(archive, entries, key) {
  const envelope = jsonOf(archive, entries, "manifest.dsse");
  const [signature, ...more] = envelope?.signatures ?? [];
  if (envelope?.payloadType !== TYPE || typeof envelope.payload !== "string" || signature === undefined || more.length > 0) {
    throw new NotVerified("altered: manifest.dsse holds no signed manifest of an evidence pack");
  }
  const given = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
  if (signature.keyid !== given)
    throw new NotVerified(`wrong key: the pack was signed by the key ${signature.keyid}; the key given is ${given}`);
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `), payload]);
  if (!verify(null, signed, key, Buffer.from(String(signature.sig), "base64"))) {
    throw new NotVerified("altered: manifest.dsse; the signature does not hold");
  }
  // One way to write it, so that not a byte of the archive is free.
  const strict = `{"payload":"${payload.toString("base64")}","payloadType":"${TYPE}","signatures":[{"keyid":"${given}","sig":"${Buffer.from(signature.sig, "base64").toString("base64")}"}]}\n`;
  if (bodyOf(archive, entries.get("manifest.dsse"), "manifest.dsse").toString("utf8") !== strict) {
    throw new NotVerified("altered: manifest.dsse is not written as it was signed");
  }
  if (!bodyOf(archive, entries.get("manifest.json"), "manifest.json").equals(Buffer.concat([payload, Buffer.from("\n")]))) {
    throw new NotVerified("altered: manifest.json is not what was signed");
  }
  const manifest = JSON.parse(payload.toString("utf8"));
  if (manifest.format !== "ziggurat-evidence-pack/1") throw new NotVerified(`the format ${manifest.format} is not understood here`);
  return manifest;
}

/** @param {number} archive @param {Map<string, Entry>} entries @param {Manifest} manifest */
function checkEntries(archive, entries, manifest) {
  const expected = [...manifest.entries.map(({ path }) => path), ...SIGNED];
  for (const { path, sizeBytes, sha256 } of manifest.entries) {
    const entry = entries.get(path);
    if (entry === undefined) throw new NotVerified(`missing: ${path} was signed and is not in the archive`);
    if (entry.sizeBytes !== sizeBytes || digestOf(archive, entry) !== sha256)
      throw new NotVerified(`altered: ${path} is not what was signed`);
  }
  for (const path of entries.keys()) if (!expected.includes(path)) throw new NotVerified(`extra: ${path} was not signed`);
  const moved = [...entries.keys()].find((path, index) => path !== expected[index]);
  if (moved !== undefined) throw new NotVerified(`altered: ${moved} does not stand at its place`);
}

/** @param {number} archive @param {Entry} entry */
export function digestOf(archive, { start, sizeBytes }) {
  const hash = createHash("sha256");
  for (let at = 0; at < sizeBytes; at += 1 << 20) hash.update(read(archive, start + at, Math.min(1 << 20, sizeBytes - at)));
  return hash.digest("hex");
}

// ---- what the entries prove by themselves

/** The parts of the log, put together, are an export that has its own proofs. @param {number} archive @param {Map<string, Entry>} entries @param {Buffer} key */
export async function checkLog(archive, entries, key) {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-evidence-"));
  const file = join(folder, "audit.jsonl");
  try {
    writeFileSync(file, "");
    for (const entry of entries.values())
      if (entry.path.startsWith("audit/")) appendFileSync(file, read(archive, entry.start, entry.sizeBytes));
    return await verifyExport(file, key);
  } catch (error) {
    throw new NotVerified(`audit/: ${wordsOf(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A record is what the log's entry of the sealing, or of the baseline, holds the digest of. Of versions of other owners the log in the pack
 * says nothing; their records are vouched for by the manifest alone.
 * @param {number} archive @param {Map<string, Entry>} entries @returns {number} how many the log vouches for
 */
function checkSeals(archive, entries) {
  const said = readSealings(archive, entries);
  let held = 0;
  for (const path of entries.keys()) {
    const [, ref = ""] = /^seals\/(.+)\.json$/.exec(path) ?? [];
    const digests = said.get(ref);
    if (digests === undefined) continue;
    const { rootDigest, state } = jsonOf(archive, entries, path);
    const record = sha256(bodyOf(archive, entries.get(path), path));
    if (!digests.includes(sha256(`{"record":"${record}","rootDigest":"${rootDigest}","state":"${state}"}`)))
      throw new NotVerified(`${path}: it is not the record that the log speaks of`);
    held += 1;
  }
  return held;
}

/** What the log says of versions being sealed, or given a baseline. @param {number} archive @param {Map<string, Entry>} entries @returns {Map<string, string[]>} */
function readSealings(archive, entries) {
  /** @type {Map<string, string[]>} */
  const said = new Map();
  for (const path of entries.keys()) {
    if (!path.startsWith("audit/")) continue;
    for (const line of bodyOf(archive, entries.get(path), path).toString("utf8").split("\n")) {
      const { action, object, afterDigest } = line === "" ? {} : (JSON.parse(line).entry ?? {});
      if (action === "version.seal" || action === "version.baseline") said.set(object, [...(said.get(object) ?? []), afterDigest]);
    }
  }
  return said;
}

/** @param {string | Buffer} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Each release's signature is over the very files that the pack lists. @param {number} archive @param {Map<string, Entry>} entries @returns {number} how many */
function checkSignatures(archive, entries) {
  /** @type {readonly { readonly version: string, readonly rootDigest: string, readonly files: readonly { readonly path: string, readonly sha256: string }[] }[]} */
  const versions = jsonOf(archive, entries, "files.json");
  const paths = [...entries.keys()].filter((path) => path.startsWith("signatures/"));
  for (const path of paths) {
    const [, ref, keyId] = /^signatures\/(.+)\.([0-9a-f]{16})\.sig$/.exec(path) ?? [];
    const keyPath = `keys/model-signing-${keyId}.pem`;
    const listed = versions.find(({ version }) => version === ref);
    if (listed === undefined) throw new NotVerified(`extra: ${path} belongs to no version of the pack`);
    try {
      const statement = readStatement(
        openBundle(jsonOf(archive, entries, path), createPublicKey(bodyOf(archive, entries.get(keyPath), keyPath))),
      );
      const digests = new Map(listed.files.map((each) => [each.path, each.sha256]));
      const differs = statement.resources.find(({ name, digest }) => digests.get(name) !== digest);
      if (statement.rootDigest !== listed.rootDigest || differs !== undefined)
        throw new NotVerified("it is not over the files of files.json");
    } catch (error) {
      throw new NotVerified(`${path}: ${wordsOf(error)}`);
    }
  }
  return paths.length;
}

async function main() {
  const { flags, rest } = readFlags(process.argv.slice(2), ["--key"]);
  const [file] = rest;
  const key = flags["--key"];
  if (rest.length !== 1 || file === undefined || key === undefined) {
    process.stderr.write("usage: node verify-evidence.mjs PACK.tar --key key.pem\n");
    process.exitCode = 2;
    return;
  }
  await runCheck(async () => (await verifyEvidence({ file: resolve(file), key })).join("\n"));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
