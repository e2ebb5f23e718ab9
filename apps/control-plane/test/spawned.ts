import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

type Line = Readonly<Record<string, unknown>>;

/** A real process under test that speaks JSON lines. */
export interface Spawned {
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  /** The first line that has this key, now or later; rejects when the process ends without one. */
  line(key: string): Promise<Line>;
  /** Sends a signal and waits for the end; gives the exit code, null after a deadly signal. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Everything it wrote to stderr, once it has ended. */
  errors(): Promise<string>;
}

export function spawnProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Spawned {
  const child = spawn(process.execPath, [...flags, program, ...args], {
    env: { PATH: process.env.PATH ?? "", TMPDIR: process.env.TMPDIR ?? "/tmp", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: Line[] = [];
  let stderr = "";
  const exit = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const parsed: unknown = text.startsWith("{") ? JSON.parse(text) : { text };
      if (typeof parsed === "object" && parsed !== null) lines.push({ ...parsed });
      child.emit("said");
    });
  }
  const line = (key: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((entry) => key in entry);
        if (found) resolve(found);
      };
      child.on("said", look);
      look();
      void exit.then((code) => reject(new Error(`ended with ${code} before saying ${key}: ${JSON.stringify(lines)} ${stderr}`)));
    });
  const end = (signal?: NodeJS.Signals): Promise<number | null> => {
    if (signal) child.kill(signal);
    return exit;
  };
  return { child, lines, line, end, errors: () => exit.then(() => stderr) };
}
