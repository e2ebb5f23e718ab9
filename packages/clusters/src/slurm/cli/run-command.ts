import { spawn } from "node:child_process";
import { SlurmAway } from "../slurm-transport.js";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program with an environment of its own and `input` on stdin.
 * @throws SlurmAway when it cannot be started or takes too long: it may have done its work all the same
 */
export function runCommand(
  program: string,
  args: readonly string[],
  { env, input, timeoutMs }: { readonly env: Readonly<Record<string, string>>; readonly input?: string; readonly timeoutMs: number },
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    // A program that ends without reading breaks the pipe; its exit code says why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new SlurmAway(`${program} cannot be run here: ${error.message}`, { cause: error }));
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      const stderr = Buffer.concat(err).toString("utf8").trim();
      if (isLate) reject(new SlurmAway(`${program} did not answer within ${timeoutMs / 1000} s. ${stderr}`.trim()));
      else resolve({ code: code ?? 1, stdout: Buffer.concat(out).toString("utf8"), stderr });
    });
  });
}
