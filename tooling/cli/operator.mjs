import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bootstrap } from "./bootstrap.mjs";
import { root } from "./checkout.mjs";

/** `npm run reset-password -- --email ADDRESS`, `npm run reset-second-factor -- --email ADDRESS`, `npm run rotate-secret-key`: commands of whoever runs the machine. */
await bootstrap(["@ziggurat/control-plane"]);
await import(pathToFileURL(join(root, "apps", "control-plane", "dist", "main.operator.js")).href);
