import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

/**
 * `node verify-model.mjs FOLDER --signature model.sig --key key.pem`: checks a downloaded model against its release's signature
 * (OpenSSF Model Signing 1.0, key method) and names the first file that is missing, extra or altered. Needs Node and nothing else:
 * this one file can be carried to a machine without a network.
 */

/** Why something does not verify, in words. */
export class NotVerified extends Error {}

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD = "application/vnd.in-toto+json";
const STATEMENT = "https://in-toto.io/Statement/v1";
const PREDICATE = "https://model_signing/signature/v1.0";
/** Left out at the root of a folder by the specification. */
const VERSION_CONTROL = [".git", ".gitignore", ".gitattributes", ".github"];

/** @typedef {{ readonly name: string, readonly digest: string }} Resource */

/**
 * @param {{ readonly folder: string, readonly signature: string, readonly key: string }} paths
 * @returns {Promise<{ readonly name: string, readonly rootDigest: string, readonly files: number }>}
 */
export async function verifyModel({ folder, signature, key }) {
  const statement = openBundle(readJson(signature), readKey(key));
  const { name, rootDigest, resources, ignored } = readStatement(statement);
  const signed = new Map(resources.map((resource) => [resource.name, resource.digest]));
  const found = filesIn(folder, [...VERSION_CONTROL, ...ignored], signature);
  for (const path of [...new Set([...signed.keys(), ...found.keys()])].sort(compareCodePoints)) {
    const expected = signed.get(path);
    const kind = found.get(path);
    if (expected === undefined) throw new NotVerified(`extra: ${path} is not part of the signed model`);
    if (kind === undefined) throw new NotVerified(`missing: ${path} is part of the signed model and is not there`);
    if (kind !== "file") throw new NotVerified(`altered: ${path} is not a regular file`);
    const digest = await digestOf(join(folder, ...path.split("/")));
    if (digest !== expected) throw new NotVerified(`altered: ${path} has the digest ${digest}, signed was ${expected}`);
  }
  return { name, rootDigest, files: signed.size };
}

/** @param {string} path */
export function readKey(path) {
  try {
    return createPublicKey(readFileSync(path));
  } catch (error) {
    throw new NotVerified(`${path} is no public key in PEM: ${wordsOf(error)}`);
  }
}

/**
 * The signed statement of a bundle, once its signature holds.
 * @param {any} bundle
 * @param {import("node:crypto").KeyObject} key
 */
export function openBundle(bundle, key) {
  if (bundle?.mediaType !== BUNDLE) throw new NotVerified(`the signature is no bundle of type ${BUNDLE}`);
  const hint = bundle.verificationMaterial?.publicKey?.hint;
  if (hint && hint !== keyId(key)) throw new NotVerified("wrong key: the signature was made with another key");
  return openEnvelope(bundle.dsseEnvelope, key);
}

/**
 * The statement in a DSSE envelope, once its signature holds.
 * @param {any} envelope
 * @param {import("node:crypto").KeyObject} key
 */
export function openEnvelope(envelope, key) {
  const signatures = Array.isArray(envelope?.signatures) ? envelope.signatures : [];
  if (envelope?.payloadType !== PAYLOAD || typeof envelope.payload !== "string" || signatures.length !== 1) {
    throw new NotVerified(`the envelope does not hold one signed payload of type ${PAYLOAD}`);
  }
  const payload = Buffer.from(envelope.payload, "base64");
  const head = Buffer.from(`DSSEv1 ${Buffer.byteLength(PAYLOAD)} ${PAYLOAD} ${payload.length} `);
  const isSigned = verify(hashFor(key), Buffer.concat([head, payload]), key, Buffer.from(String(signatures[0]?.sig), "base64"));
  if (!isSigned) throw new NotVerified("wrong key or altered signature: the signature does not belong to this key and payload");
  return JSON.parse(payload.toString("utf8"));
}

/** Each curve has its hash. @param {import("node:crypto").KeyObject} key */
function hashFor(key) {
  /** @type {Readonly<Record<string, string>>} */
  const hashes = { prime256v1: "sha256", secp384r1: "sha384", secp521r1: "sha512" };
  const hash = key.asymmetricKeyType === "ec" ? hashes[key.asymmetricKeyDetails?.namedCurve ?? ""] : undefined;
  if (hash === undefined) throw new NotVerified("the key is none of EC P-256, P-384 and P-521");
  return hash;
}

/** @param {import("node:crypto").KeyObject} key */
const keyId = (key) =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "pem" }))
    .digest("hex");

/**
 * @param {any} statement
 * @returns {{ readonly name: string, readonly rootDigest: string, readonly resources: readonly Resource[], readonly ignored: readonly string[] }}
 */
export function readStatement(statement) {
  const { subject, predicate } = statement ?? {};
  if (statement?._type !== STATEMENT || statement.predicateType !== PREDICATE || subject?.length !== 1) {
    throw new NotVerified(`what was signed is no statement of type ${PREDICATE}`);
  }
  const { method, hash_type: hash, ignore_paths: ignored = [] } = predicate.serialization;
  if (method !== "files" || hash !== "sha256") throw new NotVerified(`${method} hashed by ${hash} are not understood here`);
  /** @type {readonly (Resource & { readonly algorithm: string })[]} */
  const resources = predicate.resources;
  const root = createHash("sha256");
  // The order is the signer's: the root digest is over it, and implementations differ where a name holds a dot before a slash.
  const names = new Set();
  for (const resource of resources) {
    if (names.has(resource.name)) throw new NotVerified(`the signed list names ${resource.name} twice`);
    names.add(resource.name);
    if (resource.algorithm !== "sha256" || !/^[0-9a-f]{64}$/.test(resource.digest) || !isPlainPath(resource.name)) {
      throw new NotVerified(`the signed list names ${resource.name} in a way that is not understood here`);
    }
    root.update(Buffer.from(resource.digest, "hex"));
  }
  const rootDigest = root.digest("hex");
  if (resources.length === 0 || rootDigest !== subject[0].digest?.sha256)
    throw new NotVerified("the signed list does not make up the root digest");
  return { name: subject[0].name, rootDigest, resources, ignored };
}

/** @param {string} path */
const isPlainPath = (path) => path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !path.includes("\\");

/**
 * Everything below the folder that is not a folder, by path with `/`.
 * @param {string} folder
 * @param {readonly string[]} ignored paths relative to the folder
 * @param {string} signature the file itself, which cannot cover itself
 * @returns {Map<string, "file" | "other">}
 */
function filesIn(folder, ignored, signature) {
  const own = relative(realpathSync(folder), realpathSync(signature)).split(sep).join("/");
  const skipped = new Set([...ignored, own]);
  /** @type {Map<string, "file" | "other">} */
  const found = new Map();
  /** @param {string} inside */
  const walk = (inside) => {
    for (const entry of readdirSync(join(folder, inside), { withFileTypes: true })) {
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (skipped.has(path)) continue;
      if (entry.isDirectory()) walk(path);
      else found.set(path, entry.isFile() ? "file" : "other");
    }
  };
  walk("");
  return found;
}

/** @param {string} path */
async function digestOf(path) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Order of the specification; the language's own differs above U+FFFF. @param {string} a @param {string} b */
function compareCodePoints(a, b) {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new NotVerified(`${path} cannot be read: ${wordsOf(error)}`);
  }
}

/** @param {unknown} error */
export const wordsOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Values of the flags a command knows, and what stands beside them.
 * @param {readonly string[]} args
 * @param {readonly string[]} known
 */
export function readFlags(args, known) {
  /** @type {Record<string, string>} */
  const flags = {};
  /** @type {string[]} */
  const rest = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    if (known.includes(word)) flags[word] = resolve(args[++at] ?? "");
    else rest.push(word);
  }
  return { flags, rest };
}

/** Runs a check: 0 and a line when it holds, 1 and the reason when not, 2 and the usage when asked wrongly. @param {() => Promise<string>} check */
export async function runCheck(check) {
  try {
    process.stdout.write(`${await check()}\n`);
  } catch (error) {
    process.stderr.write(`NOT VERIFIED: ${wordsOf(error)}\n`);
    process.exitCode = 1;
  }
}

async function main() {
  const { flags, rest } = readFlags(process.argv.slice(2), ["--signature", "--key"]);
  const [folder] = rest;
  const [signature, key] = [flags["--signature"], flags["--key"]];
  if (rest.length !== 1 || folder === undefined || signature === undefined || key === undefined) {
    process.stderr.write("usage: node verify-model.mjs FOLDER --signature model.sig --key key.pem\n");
    process.exitCode = 2;
    return;
  }
  await runCheck(async () => {
    const { name, rootDigest, files } = await verifyModel({ folder: resolve(folder), signature, key });
    return `VERIFIED: ${name}, ${files} files, root digest ${rootDigest}`;
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
