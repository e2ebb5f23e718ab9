import { join } from "node:path";
import { bootstrap } from "./bootstrap.mjs";
import { root } from "./checkout.mjs";
import { runProgram } from "./run-program.mjs";

/** `npm run attack`: tries to see the neighbour from every route of a platform of its own. */
await bootstrap(["@ziggurat/control-plane", "@ziggurat/e2e"]);
process.exitCode = await runProgram(process.execPath, [join(root, "e2e", "dist", "main.js"), ...process.argv.slice(2)]);
