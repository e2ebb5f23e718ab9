import { ApiProblem } from "@ziggurat/client";
import { ChatFileError } from "./chat-file.js";
import { JobFailure } from "./follow-job.js";
import { parseOptions, UsageError } from "./options.js";
import { runDemo } from "./run-demo.js";

const USAGE = `node demo/dist/main.js --url http://127.0.0.1:PORT --data-dir DIR [--admin-email E] [--seed N]
       [--task-train FILE.jsonl --task-test FILE.jsonl] [--task-method lora|full]`;

try {
  await runDemo(parseOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd(), process.env), process.stdout);
} catch (error) {
  process.exitCode = error instanceof UsageError || error instanceof ChatFileError ? 2 : 1;
  process.stderr.write(`\ndemo: ${wordsFor(error)}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${USAGE}\n`);
}

/** Expected failures in words alone; anything else with its stack, because it is a defect. */
function wordsFor(error: unknown): string {
  if (error instanceof UsageError || error instanceof ChatFileError || error instanceof ApiProblem || error instanceof JobFailure)
    return error.message;
  if (error instanceof TypeError && error.message === "fetch failed") return `the platform cannot be reached: ${String(error.cause)}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
