import { resolve } from "node:path";
import { parseArgs } from "node:util";

/** What the demo is told on its command line; files are absolute. */
export interface DemoOptions {
  readonly url: string;
  readonly dataDir: string;
  readonly adminEmail: string | null;
  readonly adminPassword: string | null;
  readonly seed: number;
  /** Real input for the first institution, in place of generated dialogues. */
  readonly realTask: { readonly trainFile: string; readonly testFile: string } | null;
  /** Method of the first institution's model; the second institution's takes the other one. */
  readonly taskMethod: TaskMethod;
}

export type TaskMethod = "lora" | "full";

/** A command line that cannot be followed; the message says which part and what it should be. */
export class UsageError extends Error {}

/**
 * Reads the command line. Relative files count from `callerDir`, the folder the person typed in. The administrator's password comes
 * by `ZIGGURAT_ADMIN_PASSWORD`, never as an argument: a command line can be read by everyone on the machine.
 * Without `--task-method` the first institution tunes fully, because an adapter on so small a base is too little for real input with
 * dozens of labels; the second one then shows LoRA.
 */
export function parseOptions(
  args: readonly string[],
  callerDir: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): DemoOptions {
  const { values } = readArgs(args);
  const url = values.url;
  if (url === undefined || !URL.canParse(url))
    throw new UsageError("--url is needed: the platform's address, such as http://127.0.0.1:7410");
  if (values["data-dir"] === undefined) throw new UsageError("--data-dir is needed: the folder that receives demo-report.json");
  const [trainFile, testFile] = [values["task-train"], values["task-test"]];
  if ((trainFile === undefined) !== (testFile === undefined))
    throw new UsageError("--task-train and --task-test belong together: give both or neither");
  const method = values["task-method"];
  if (method !== undefined && method !== "lora" && method !== "full")
    throw new UsageError(`--task-method is lora or full, not "${method}"`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > 2_147_483_646) throw new UsageError("--seed is a whole number from 0 to 2147483646");
  return {
    url: new URL(url).origin,
    dataDir: resolve(callerDir, values["data-dir"]),
    adminEmail: values["admin-email"] ?? environment.ZIGGURAT_ADMIN_EMAIL ?? null,
    adminPassword: environment.ZIGGURAT_ADMIN_PASSWORD ?? null,
    seed,
    realTask:
      trainFile === undefined || testFile === undefined
        ? null
        : { trainFile: resolve(callerDir, trainFile), testFile: resolve(callerDir, testFile) },
    taskMethod: method ?? "full",
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        "data-dir": { type: "string" },
        "admin-email": { type: "string" },
        seed: { type: "string", default: "20" },
        "task-train": { type: "string" },
        "task-test": { type: "string" },
        "task-method": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
