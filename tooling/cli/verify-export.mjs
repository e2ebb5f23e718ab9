#!/usr/bin/env node
import { createHash, createPublicKey, verify } from "node:crypto";
import { closeSync, createReadStream, openSync, readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bodyOf, checkLog, digestOf, jsonOf, read, readEntries } from "./verify-evidence.mjs";
import { NotVerified, readFlags, runCheck, wordsOf } from "./verify-model.mjs";

/**
 * `node verify-export.mjs FILE [--key key.pem]`: checks all that an institution took along, or a certificate of erasure, on a machine that
 * knows neither the platform nor its database, and names the first entry that is missing, extra or altered. Needs Node 20 and the three files
 * `verify-evidence.mjs`, `verify-audit.mjs` and `verify-model.mjs` beside it. Exit 0: everything holds. 1: something does not. 2: called wrongly.
 */
const EXPORT = "application/vnd.ziggurat.institution-export.v1+json";
const CERTIFICATE = "application/vnd.ziggurat.erasure-certificate.v1+json";
/** What vouches for the entries and is not among them, in its order at the end of the archive. */
const SIGNED = ["entries.jsonl", "manifest.json", "manifest.dsse"];
/** Columns that name bytes; each of them is in the archive, or said to be missing. */
const NAMED = [
  ["version_files", "sha256"],
  ["dataset_versions", "stored_sha256"],
  ["evaluations", "items_sha256"],
  ["import_files", "stored_sha256"],
  ["blob_grants", "sha256"],
];

/** @typedef {import("node:crypto").KeyObject} Key */
/** @typedef {{ readonly path: string, readonly start: number, readonly sizeBytes: number }} Entry */
/** @typedef {{ readonly format: string, readonly institution: string, readonly asOf: string, readonly tables: readonly { readonly table: string, readonly rows: number }[], readonly missing: readonly string[], readonly entries: { readonly count: number, readonly sizeBytes: number, readonly sha256: string } }} Manifest */

/**
 * @param {{ readonly file: string, readonly key?: string | undefined }} paths
 * @returns {Promise<string[]>} what holds, in words
 */
export async function verifyInstitutionExport({ file, key }) {
  const archive = openSync(file, "r");
  try {
    if (read(archive, 0, 1).toString() === "{") return verifyCertificate(readFileSync(file), key);
    const entries = readEntries(archive);
    const pem = key === undefined ? bodyOf(archive, entries.get("keys/audit.pem"), "keys/audit.pem") : readFileSync(key);
    const publicKey = keyOf(pem, key ?? "keys/audit.pem");
    const manifest = readManifest(archive, entries, publicKey);
    await checkEntries(file, archive, entries, manifest);
    const said = await checkLog(archive, entries, pem);
    const rows = await checkRows(file, entries, manifest);
    return [
      `all that is ${manifest.institution}'s as of ${manifest.asOf}`,
      ...said,
      `${rows} rows of ${manifest.tables.length} tables; every file that they name is here`,
      ...(manifest.missing.length === 0
        ? []
        : [`${manifest.missing.length} files were not there any more when it was taken: ${manifest.missing.join(", ")}`]),
      ...(key === undefined
        ? [`checked with the key inside, which proves nothing by itself: compare ${keyIdOf(publicKey)} with the platform's`]
        : []),
      `VERIFIED: ${manifest.entries.count} entries`,
    ];
  } finally {
    closeSync(archive);
  }
}

/** @param {Buffer} bytes @param {string | undefined} key */
function verifyCertificate(bytes, key) {
  if (key === undefined) throw new NotVerified("a certificate holds no key: give the platform's with --key");
  const envelope = parse(bytes, "the certificate");
  const payload = openEnvelope(envelope, CERTIFICATE, keyOf(readFileSync(key), key), "the certificate");
  const certificate = parse(payload, "the certificate");
  if (certificate.format !== "ziggurat-erasure-certificate/1")
    throw new NotVerified(`the format ${certificate.format} is not understood here`);
  return [
    `${certificate.institution} was erased from ${certificate.beganAt} to ${certificate.finishedAt}`,
    `${certificate.files.count} files with ${certificate.files.bytes} bytes; ${certificate.audit.redacted} entries of its log lost their words`,
    ...(certificate.export === null
      ? ["no export was made before"]
      : [`the export ${certificate.export.id} was made before, with the manifest ${certificate.export.manifestSha256}`]),
    "VERIFIED: certificate of erasure",
  ];
}

/** @param {Buffer} pem @param {string} name @returns {Key} */
function keyOf(pem, name) {
  try {
    return createPublicKey(pem);
  } catch (error) {
    throw new NotVerified(`${name} is no public key in PEM: ${wordsOf(error)}`);
  }
}

/** @param {Key} key */
const keyIdOf = (key) =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");

/** @param {Buffer} bytes @param {string} name @returns {any} */
function parse(bytes, name) {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new NotVerified(`altered: ${name} is no JSON`);
  }
}

/** @param {any} envelope @param {string} type @param {Key} key @param {string} name @returns {Buffer} what was signed */
function openEnvelope(envelope, type, key, name) {
  const [signature, ...more] = envelope?.signatures ?? [];
  if (envelope?.payloadType !== type || typeof envelope.payload !== "string" || signature === undefined || more.length > 0) {
    throw new NotVerified(`altered: ${name} holds nothing that was signed as such`);
  }
  if (signature.keyid !== keyIdOf(key))
    throw new NotVerified(`wrong key: signed by the key ${signature.keyid}; the key given is ${keyIdOf(key)}`);
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  if (!verify(null, signed, key, Buffer.from(String(signature.sig), "base64")))
    throw new NotVerified(`altered: ${name}; the signature does not hold`);
  return payload;
}

/** @param {number} archive @param {Map<string, Entry>} entries @param {Key} key @returns {Manifest} */
function readManifest(archive, entries, key) {
  const envelope = jsonOf(archive, entries, "manifest.dsse");
  const payload = openEnvelope(envelope, EXPORT, key, "manifest.dsse");
  // One way to write it, so that not a byte of the archive is free.
  const sig = Buffer.from(envelope.signatures[0].sig, "base64").toString("base64");
  const strict = `{"payload":"${payload.toString("base64")}","payloadType":"${EXPORT}","signatures":[{"keyid":"${keyIdOf(key)}","sig":"${sig}"}]}\n`;
  if (bodyOf(archive, entries.get("manifest.dsse"), "manifest.dsse").toString("utf8") !== strict) {
    throw new NotVerified("altered: manifest.dsse is not written as it was signed");
  }
  if (!bodyOf(archive, entries.get("manifest.json"), "manifest.json").equals(Buffer.concat([payload, Buffer.from("\n")]))) {
    throw new NotVerified("altered: manifest.json is not what was signed");
  }
  const manifest = parse(payload, "manifest.json");
  if (manifest.format !== "ziggurat-institution-export/1") throw new NotVerified(`the format ${manifest.format} is not understood here`);
  return manifest;
}

/** Every entry is what the signed list says, at its place, and nothing else is there. @param {string} file @param {number} archive @param {Map<string, Entry>} entries @param {Manifest} manifest */
async function checkEntries(file, archive, entries, manifest) {
  const list = entries.get("entries.jsonl");
  if (list === undefined) throw new NotVerified("missing: entries.jsonl is not in the archive");
  if (list.sizeBytes !== manifest.entries.sizeBytes || digestOf(archive, list) !== manifest.entries.sha256) {
    throw new NotVerified("altered: entries.jsonl is not what was signed");
  }
  const paths = entries.keys();
  const next = () => paths.next().value;
  for await (const line of linesOf(file, list)) {
    const { path, sizeBytes, sha256 } = JSON.parse(line);
    const entry = entries.get(path);
    if (entry !== undefined) checkHeader(archive, entry);
    if (entry === undefined) throw new NotVerified(`missing: ${path} was signed and is not in the archive`);
    if (entry.sizeBytes !== sizeBytes || digestOf(archive, entry) !== sha256)
      throw new NotVerified(`altered: ${path} is not what was signed`);
    if (path.startsWith("files/") && path !== `files/${sha256.slice(0, 2)}/${sha256}`)
      throw new NotVerified(`altered: ${path} does not have its name's digest`);
    const stands = next();
    if (stands !== path)
      throw new NotVerified(
        `${stands !== undefined && entries.has(path) ? "extra or moved" : "missing"}: ${stands} stands where ${path} was signed`,
      );
  }
  for (const path of SIGNED) {
    const stands = next();
    const entry = entries.get(path);
    if (stands !== path || entry === undefined) throw new NotVerified(`extra: ${stands} was not signed`);
    checkHeader(archive, entry);
  }
  const more = next();
  if (more !== undefined) throw new NotVerified(`extra: ${more} was not signed`);
}

/** Not a byte of a header is free: there is one way to write it. @param {number} archive @param {Entry} entry */
function checkHeader(archive, { path, start, sizeBytes }) {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write(`0000644\0${"0000000\0".repeat(2)}`, 100);
  if (sizeBytes < 8 ** 11) header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write(`00000000000\0${" ".repeat(8)}0`, 136);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  if (!read(archive, start - 512, 512).equals(header)) throw new NotVerified(`altered: the header of ${path}`);
}

/** As many rows as the manifest says, and every file that one names. @param {string} file @param {Map<string, Entry>} entries @param {Manifest} manifest @returns {Promise<number>} */
async function checkRows(file, entries, manifest) {
  const missing = new Set(manifest.missing);
  let total = 0;
  for (const { table, rows } of manifest.tables) {
    const column = NAMED.find(([name]) => name === table)?.[1];
    let found = 0;
    for (const [path, entry] of entries) {
      if (!path.startsWith(`tables/${table}/`)) continue;
      for await (const line of linesOf(file, entry)) {
        found += 1;
        const sha256 = column === undefined ? null : JSON.parse(line)[column];
        if (sha256 !== null && !missing.has(sha256) && !entries.has(`files/${sha256.slice(0, 2)}/${sha256}`))
          throw new NotVerified(`missing: the file ${sha256}, which ${path} names`);
      }
    }
    if (found !== rows) throw new NotVerified(`missing: tables/${table} has ${found} rows, signed were ${rows}`);
    total += found;
  }
  return total;
}

/** @param {string} file @param {Entry} entry */
async function* linesOf(file, { start, sizeBytes }) {
  if (sizeBytes === 0) return;
  const input = createReadStream(file, { start, end: start + sizeBytes - 1 });
  // A line ends at the byte 10 alone; JSON has no other line end unescaped that readline takes for one but U+2028, which it does not.
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) if (line !== "") yield line;
}

async function main() {
  // Under npm files are named from where the caller stood.
  process.chdir(process.env.INIT_CWD ?? process.cwd());
  const { flags, rest } = readFlags(process.argv.slice(2), ["--key"]);
  const [file] = rest;
  if (rest.length !== 1 || file === undefined) {
    process.stderr.write("usage: node verify-export.mjs FILE [--key key.pem]\n");
    process.exitCode = 2;
    return;
  }
  await runCheck(async () => (await verifyInstitutionExport({ file: resolve(file), key: flags["--key"] })).join("\n"));
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
