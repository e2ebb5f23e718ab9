#!/usr/bin/env node
import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream, openSync, readFileSync, readSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/**
 * `node verify-audit.mjs FILE --key key.pem [--since OLDER]`: checks an export of the audit log on a machine that knows neither the
 * platform nor its database. Needs Node 20 and nothing else; this one file may be carried anywhere.
 * Exit 0: everything holds. 1: something does not, and the first of it is named. 2: called wrongly.
 */
const PAYLOAD_TYPE = "application/vnd.ziggurat.audit-export.v1+json";

/** @typedef {import("node:crypto").KeyObject} Key */
/** @typedef {{ chain: string, institutionId: string, treeSize: number, rootHash: string, treeHead: string, entries: number, sequences: [number, number][], consistency: { size: number, proof: string[] } | null }} ChainClaim */
/** @typedef {ChainClaim & { root: Buffer }} Chain */
/** @typedef {{ format: string, exportedAt: string, exportedBy: string, proofs: "each" | "none", linesSha256: string, chains: ChainClaim[] }} Manifest */
/** @typedef {{ chain: string, sequence: number, entry: Record<string, unknown>, digest: string, previousLink: string | null, link: string, redacted?: true, proof: string[] }} Line */
/** @typedef {{ chain: string, sequence: number }} Place */

const LINE_MEMBERS = ["chain", "sequence", "entry", "digest", "previousLink", "link"];

/** Something in the file that does not hold, in words. */
class Broken extends Error {}

/**
 * @param {string} path
 * @param {string | Buffer} keyPem
 * @param {string} [olderPath]
 * @returns {Promise<string[]>} what holds, in words
 * @throws {Broken}
 */
export async function verifyExport(path, keyPem, olderPath) {
  const key = createPublicKey(keyPem);
  const manifest = readManifest(path, key);
  const chains = new Map(manifest.chains.map((chain) => [chain.chain, { ...chain, root: checkTreeHead(chain, key) }]));
  const older = olderPath === undefined ? null : checkGrowth(readManifest(olderPath, key), chains, key);
  const redacted = await checkLines(path, manifest, chains);
  return [
    ...[...chains.values()].map(
      ({ chain, entries, treeSize, rootHash }) =>
        `${chain}: ${entries} entries hold; they stand in the log of ${treeSize} entries with the root ${rootHash}`,
    ),
    ...(redacted === 0
      ? []
      : [`${redacted} of them were redacted when their institution was erased: they stand by digest, what they said is gone`]),
    ...(older === null ? [] : [`${older.chain}: the log only grew since its head of ${older.size} entries`]),
    `signed by the key ${keyIdOf(key)} at ${manifest.exportedAt}, exported by ${manifest.exportedBy}`,
  ];
}

// ---- the last line: a DSSE envelope around the manifest

/** @param {string} path @param {Key} key @returns {Manifest} */
function readManifest(path, key) {
  const envelope = parse(lastLine(path), `${path}: the last line is no signed manifest; the file was cut off, or its end was changed`);
  const [signature, ...more] = envelope.signatures ?? [];
  if (envelope.payloadType !== PAYLOAD_TYPE || typeof envelope.payload !== "string" || signature === undefined || more.length > 0) {
    throw new Broken(`${path}: the last line is no signed manifest of an audit export; the file was cut off, or its end was changed`);
  }
  if (signature.keyid !== keyIdOf(key)) {
    throw new Broken(`${path} says it was signed by the key ${signature.keyid}; the key given is ${keyIdOf(key)}`);
  }
  const payload = Buffer.from(envelope.payload, "base64");
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
  if (!verify(null, signed, key, Buffer.from(signature.sig, "base64"))) {
    throw new Broken(`${path}: the signature in the last line does not hold; the manifest was altered`);
  }
  const strict = {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString("base64"),
    signatures: [{ keyid: keyIdOf(key), sig: Buffer.from(signature.sig, "base64").toString("base64") }],
  };
  if (JSON.stringify(strict) !== lastLine(path)) throw new Broken(`${path}: the last line is not written as it was exported`);
  const manifest = parse(payload.toString("utf8"), `${path}: the manifest is no JSON`);
  if (manifest.format !== "ziggurat-audit-export/1")
    throw new Broken(`${path} has the format ${manifest.format}, which this verifier does not know`);
  return manifest;
}

/** @param {string} path */
function lastLine(path) {
  const file = openSync(path, "r");
  let text = "";
  for (let at = statSync(path).size; at > 0; ) {
    const length = Math.min(1 << 20, at);
    at -= length;
    const part = Buffer.alloc(length);
    readSync(file, part, 0, length, at);
    text = part.toString("latin1") + text;
    const start = text.trimEnd().lastIndexOf("\n");
    if (start >= 0) return text.slice(start + 1).replace(/\n$/, "");
  }
  return text.replace(/\n$/, "");
}

/** @param {Key} key */
const keyIdOf = (key) => sha256(key.export({ type: "spki", format: "der" })).toString("hex");

// ---- signed tree heads: C2SP checkpoints

/** @param {ChainClaim} chain @param {Key} key @returns {Buffer} the root that the head signs */
function checkTreeHead({ chain, institutionId, treeSize, rootHash, treeHead }, key) {
  const root = Buffer.from(rootHash, "hex");
  const origin = `ziggurat/audit/${institutionId}`;
  const body = `${origin}\n${treeSize}\n${root.toString("base64")}\n`;
  const prefix = `${body}\n\u2014 ${origin} `;
  const signature = Buffer.from(treeHead.slice(prefix.length).trim(), "base64");
  const raw = key.export({ type: "spki", format: "der" }).subarray(-32);
  const keyId = sha256(Buffer.concat([Buffer.from(`${origin}\n`), Buffer.from([1]), raw])).subarray(0, 4);
  const holds =
    treeHead.startsWith(prefix) && signature.subarray(0, 4).equals(keyId) && verify(null, Buffer.from(body), key, signature.subarray(4));
  if (!holds) throw new Broken(`${chain}: the signed head of ${treeSize} entries does not hold`);
  return root;
}

/**
 * An export made since an older one proves that nothing under the older head was changed.
 * @param {Manifest} older @param {Map<string, Chain>} chains @param {Key} key
 */
function checkGrowth(older, chains, key) {
  const newer = [...chains.values()].find(({ consistency }) => consistency !== null);
  const before = older.chains.find(({ chain }) => chain === newer?.chain);
  if (!newer?.consistency || before === undefined)
    throw new Broken("the file holds no proof that its log grew out of the older one; export with since=");
  const oldRoot = checkTreeHead(before, key);
  const { size, proof } = newer.consistency;
  if (size !== before.treeSize)
    throw new Broken(`the proof of growth is about a head of ${size} entries, the older file has one of ${before.treeSize}`);
  if (before.institutionId !== newer.institutionId || !growsFrom(oldRoot, size, newer.root, newer.treeSize, proof.map(fromBase64))) {
    throw new Broken(`${newer.chain}: the log did not merely grow since its head of ${size} entries; its past was changed`);
  }
  return { chain: newer.chain, size };
}

/** RFC 9162, 2.1.4.2. @param {Buffer} oldRoot @param {number} oldSize @param {Buffer} newRoot @param {number} newSize @param {Buffer[]} proof */
function growsFrom(oldRoot, oldSize, newRoot, newSize, proof) {
  if (oldSize === newSize) return proof.length === 0 && oldRoot.equals(newRoot);
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  let [first, last] = [oldSize - 1, newSize - 1];
  while (first % 2 === 1) [first, last] = [half(first), half(last)];
  let old = path.shift();
  if (old === undefined) return false;
  let now = old;
  for (const node of path) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      [old, now] = [nodeHash(node, old), nodeHash(node, now)];
      while (first % 2 === 0 && first !== 0) [first, last] = [half(first), half(last)];
    } else now = nodeHash(now, node);
    [first, last] = [half(first), half(last)];
  }
  return last === 0 && old.equals(oldRoot) && now.equals(newRoot);
}

// ---- the lines between

/** @param {string} path @param {Manifest} manifest @param {Map<string, Chain>} chains @returns {Promise<number>} how many entries were redacted */
async function checkLines(path, manifest, chains) {
  const expected = expectedEntries(manifest);
  /** @type {Map<string, Buffer[]>} */
  const whole = new Map(
    manifest.proofs === "none" ? manifest.chains.map(({ chain }) => /** @type {[string, Buffer[]]} */ ([chain, []])) : [],
  );
  const hashed = createHash("sha256");
  let number = 0;
  let redacted = 0;
  /** @type {Line | null} */
  let before = null;
  const last = lastLine(path);
  for await (const bytes of linesOf(path)) {
    const line = bytes.toString("utf8");
    number += 1;
    const due = expected.next();
    if (line === last && due.done) break;
    const wanted = due.done ? null : due.value;
    if (wanted === null) throw new Broken(`line ${number}: stands behind the last exported entry; it was added`);
    const found =
      line === last ? null : parse(line, `line ${number}: entry #${wanted.sequence} of ${wanted.chain} was altered: the line is no JSON`);
    if (found === null || found.chain !== wanted.chain || found.sequence !== wanted.sequence) {
      throw new Broken(await misplaced(path, number, wanted, found));
    }
    const chain = chains.get(found.chain);
    if (chain === undefined) throw new Broken(`line ${number}: ${found.chain} is no chain of this file`);
    checkLine(line, number, found, chain, before, whole.get(found.chain));
    before = found;
    if (found.redacted === true) redacted += 1;
    hashed.update(bytes).update("\n");
  }
  for (const chain of chains.values()) {
    const roots = whole.get(chain.chain);
    if (roots !== undefined) checkWhole(chain, roots);
  }
  if (hashed.digest("hex") !== manifest.linesSha256) throw new Broken("the lines are not those that were signed, byte for byte");
  return redacted;
}

/** Lines end at the byte 10 and nowhere else, whatever other line ends a text in them holds. @param {string} path */
async function* linesOf(path) {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

/** Every entry that the manifest says the file holds, in order. @param {Manifest} manifest @returns {Generator<Place, void>} */
function* expectedEntries(manifest) {
  for (const { chain, sequences } of manifest.chains) {
    for (const [first, last] of sequences) for (let sequence = first; sequence <= last; sequence += 1) yield { chain, sequence };
  }
}

/** @param {string} line @param {number} number @param {Line} found @param {Chain} chain @param {Line | null} before @param {Buffer[]} [roots] */
function checkLine(line, number, found, chain, before, roots) {
  const name = `line ${number}: entry #${found.sequence} of ${found.chain}`;
  const members = [...LINE_MEMBERS, ...(found.redacted === true ? ["redacted"] : []), ...(roots === undefined ? ["proof"] : [])];
  if (Object.keys(found).join() !== members.join() || JSON.stringify(found) !== line)
    throw new Broken(`${name} was altered: it is not written as it was exported`);
  // An entry whose institution was erased stands by the digest it had; the last line signs that it is one.
  const isRedacted = found.redacted === true && found.entry.actorName === "erased" && found.entry.reason === "";
  const digest = isRedacted ? Buffer.from(found.digest, "hex") : sha256(Buffer.from(canonicalJson(found.entry)));
  if (digest.toString("hex") !== found.digest || found.entry.institutionId !== chain.institutionId) {
    throw new Broken(`${name} was altered: its content does not have its digest`);
  }
  if (sha256(Buffer.from(`${found.previousLink ?? ""}\n${found.digest}`)).toString("hex") !== found.link) {
    throw new Broken(`${name} was altered: its link does not fit its digest`);
  }
  if (before?.chain === found.chain && before.sequence === found.sequence - 1 && before.link !== found.previousLink) {
    throw new Broken(`${name} does not follow the entry before it`);
  }
  const leaf = sha256(Buffer.concat([Buffer.from([0]), digest]));
  if (roots !== undefined) append(roots, found.sequence - 1, leaf);
  else if (!isIncluded(leaf, found.sequence - 1, chain.treeSize, found.proof.map(fromBase64), chain.root)) {
    throw new Broken(`${name} was altered: it does not stand in the signed log at this place`);
  }
}

/** Is the entry that is due further down, or has it gone? @param {string} path @param {number} number @param {Place} wanted @param {Place | null} found */
async function misplaced(path, number, wanted, found) {
  const due = `entry #${wanted.sequence} of ${wanted.chain}`;
  let at = 0;
  for await (const bytes of linesOf(path)) {
    const line = bytes.toString("utf8");
    at += 1;
    if (at <= number || !line.includes(`"sequence":${wanted.sequence},`)) continue;
    const later = parse(line, `line ${at}: is no JSON`);
    if (later.chain === wanted.chain && later.sequence === wanted.sequence) return `line ${number}: ${due} was moved to line ${at}`;
  }
  const stands = found === null ? "the end of the entries" : `#${found.sequence} of ${found.chain}`;
  return `line ${number}: ${due} is missing; here stands ${stands}`;
}

// ---- RFC 9162

/** 2.1.3.2 @param {Buffer} leaf @param {number} index @param {number} size @param {Buffer[]} proof @param {Buffer} root */
function isIncluded(leaf, index, size, proof, root) {
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else node = nodeHash(node, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && node.equals(root);
}

/** Roots of the whole subtrees of a growing tree, left to right. @param {Buffer[]} roots @param {number} size @param {Buffer} leaf */
function append(roots, size, leaf) {
  let node = leaf;
  for (let rest = size; rest % 2 === 1; rest = half(rest)) node = nodeHash(roots.pop() ?? node, node);
  roots.push(node);
}

/** @param {Chain} chain @param {Buffer[]} roots */
function checkWhole({ chain, treeSize, root }, roots) {
  const built = roots.length === 0 ? sha256(Buffer.alloc(0)) : roots.reduceRight((right, left) => nodeHash(left, right));
  if (!built.equals(root)) {
    throw new Broken(
      `${chain}: its ${treeSize} entries do not give the signed root: one was rewritten together with its digest. Export with proofs=each to see which`,
    );
  }
}

/** @param {unknown} value @returns {string} */
function canonicalJson(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(",")}}`;
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
/** @param {Uint8Array} left @param {Uint8Array} right */
const nodeHash = (left, right) => sha256(Buffer.concat([Buffer.from([1]), left, right]));
/** @param {number} number */
const half = (number) => Math.floor(number / 2);
/** @param {number} number */
const isPowerOfTwo = (number) => Number.isInteger(Math.log2(number));
/** @param {string} text */
const fromBase64 = (text) => Buffer.from(text, "base64");

/** @param {string} text @param {string} otherwise said when the text is no JSON object @returns {any} */
function parse(text, otherwise) {
  try {
    const value = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below, in the words of the caller.
  }
  throw new Broken(otherwise);
}

/** @param {string[]} args @returns {{ file?: string, key?: string, since?: string }} */
function wishOf(args) {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: { key: { type: "string" }, since: { type: "string" } },
    });
    const [file, ...others] = positionals;
    return others.length > 0 || file === undefined ? {} : { file, ...values };
  } catch {
    return {};
  }
}

/** @param {string[]} args */
async function main(args) {
  const { file, key, since } = wishOf(args);
  if (file === undefined || key === undefined) {
    console.error("node verify-audit.mjs FILE --key key.pem [--since OLDER_FILE]");
    return 2;
  }
  try {
    for (const line of await verifyExport(file, readFileSync(key), since)) console.log(line);
    return 0;
  } catch (error) {
    // What the system says has a code: no such file, no key in it.
    if (!(error instanceof Error) || !(error instanceof Broken || "code" in error)) throw error;
    console.error(error.message);
    return error instanceof Broken ? 1 : 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = await main(process.argv.slice(2));
