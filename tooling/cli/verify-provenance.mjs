import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NotVerified, openEnvelope, readFlags, readKey, runCheck, wordsOf } from "./verify-model.mjs";

/**
 * `node verify-provenance.mjs FILE.intoto.jsonl --key key.pem`: checks every signed statement of an ancestry and follows the chain,
 * a dependency's digest to the statement whose subject has it.
 */

/** @typedef {{ readonly name: string, readonly digest?: { readonly sha256?: string } }} Described */

/**
 * @param {{ readonly file: string, readonly key: string }} paths
 * @returns {readonly { readonly name: string, readonly digest: string, readonly dependencies: readonly { readonly name: string, readonly madeBy: string | null }[] }[]}
 */
export function verifyProvenance({ file, key }) {
  const publicKey = readKey(key);
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const statements = lines.map((line, index) => {
    try {
      return openEnvelope(JSON.parse(line), publicKey);
    } catch (error) {
      throw new NotVerified(`line ${index + 1}: ${wordsOf(error)}`);
    }
  });
  const makers = new Map(
    statements.flatMap(({ subject }) => subject.map((/** @type {Described} */ { digest }) => [digest?.sha256, subject[0].name])),
  );
  return statements.map(({ subject, predicate }) => ({
    name: subject[0].name,
    digest: subject[0].digest.sha256,
    dependencies: predicate.buildDefinition.resolvedDependencies.map((/** @type {Described} */ { name, digest }) => ({
      name,
      madeBy: makers.get(digest?.sha256) ?? null,
    })),
  }));
}

async function main() {
  const { flags, rest } = readFlags(process.argv.slice(2), ["--key"]);
  const [file] = rest;
  const key = flags["--key"];
  if (rest.length !== 1 || file === undefined || key === undefined) {
    process.stderr.write("usage: node verify-provenance.mjs FILE.intoto.jsonl --key key.pem\n");
    process.exitCode = 2;
    return;
  }
  await runCheck(async () => {
    const steps = verifyProvenance({ file: resolve(file), key });
    const said = steps.map(({ name, digest, dependencies }) =>
      [
        `${name}  ${digest}`,
        ...dependencies.map((from) => `  from ${from.name}${from.madeBy === null ? "" : ", made in this chain"}`),
      ].join("\n"),
    );
    return [...said, `VERIFIED: ${steps.length} statements`].join("\n");
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
