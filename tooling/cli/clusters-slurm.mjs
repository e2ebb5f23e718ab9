import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { root } from "./checkout.mjs";
import { runProgram } from "./run-program.mjs";

/** `npm run clusters:slurm -- up | down | …`: a throwaway Slurm of several virtual nodes on this machine. */
await bootstrap(["@ziggurat/e2e"]);
process.exitCode = await runProgram(process.execPath, [
  join(root, "e2e", "dist", "clusters", "slurm", "main.js"),
  ...process.argv.slice(2),
]);
