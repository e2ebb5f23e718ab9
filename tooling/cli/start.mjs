import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bootstrap } from "./bootstrap.mjs";
import { root } from "./checkout.mjs";
import { isPythonReady, preparePythonInBackground } from "./python.mjs";

/** `npm start [-- --data-dir DIR --port N]`: the platform alone, in this very process. It reads the flags itself. */
await bootstrap(["@ziggurat/control-plane", "@ziggurat/console"]);
if (!isPythonReady(false)) preparePythonInBackground();
await import(pathToFileURL(join(root, "apps", "control-plane", "dist", "main.js")).href);
