import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const checkout = join(import.meta.dirname, "..", "..", "..");
/** The Python of the set-up, which holds the reference implementations that `trainer/requirements-dev.lock` pins. */
export const referencePython = join(checkout, ".ziggurat", "venv", "bin", "python");

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. The platform lives in the test's own process, so nothing here may block it. */
export async function runs(command: string, args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: "pipe" });
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close").then(([status]) => Number(status)),
  ]);
  return { code, out, err };
}

/** Lets a reference implementation read a document, by a script of `test/reference`; answers what it says of it, as JSON. */
export async function reference(
  script: string,
  input: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  // biome-ignore lint/suspicious/noExplicitAny: tests compare parts of what a script says with what they expect
): Promise<any> {
  const ran = await runs(referencePython, [join(import.meta.dirname, "reference", script), ...args], input, env);
  if (ran.code !== 0) throw new Error(`${script}: ${ran.err}`);
  return JSON.parse(ran.out);
}

/** Our own offline commands, as an auditor runs them. */
export const verifyModel = (...args: readonly string[]): Promise<Ran> =>
  runs(process.execPath, [join(checkout, "tooling", "cli", "verify-model.mjs"), ...args]);
export const verifyProvenance = (...args: readonly string[]): Promise<Ran> =>
  runs(process.execPath, [join(checkout, "tooling", "cli", "verify-provenance.mjs"), ...args]);

/** The reference command of OpenSSF Model Signing. */
export const modelSigning = (folder: string, signature: string, key: string): Promise<Ran> =>
  runs(referencePython, ["-m", "model_signing", "verify", "key", folder, "--signature", signature, "--public_key", key]);

export const modelSign = (folder: string, signature: string, privateKey: string): Promise<Ran> =>
  runs(referencePython, ["-m", "model_signing", "sign", "key", folder, "--signature", signature, "--private_key", privateKey]);
