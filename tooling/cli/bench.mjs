import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { root, say } from "./checkout.mjs";
import { preparePython } from "./python.mjs";
import { runProgram } from "./run-program.mjs";

/** `npm run bench [-- NAME]`: one benchmark or all, each beside its peer. */
await bootstrap(["@ziggurat/control-plane", "@ziggurat/bench"]);
await preparePython({ withTools: true, say });
process.exitCode = await runProgram(process.execPath, [join(root, "bench", "dist", "main.js"), ...process.argv.slice(2)]);
