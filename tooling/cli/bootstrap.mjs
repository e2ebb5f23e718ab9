import { buildPackages } from "./build.mjs";
import { say } from "./checkout.mjs";
import { installPackages, isNodeNewEnough, oldestNode } from "./packages.mjs";

/**
 * What every command needs before it can begin: a new enough Node, the locked packages, a build. Ends the process, after a line that says
 * why, when one of them is impossible.
 * @param {readonly import("./build.mjs").Buildable[]} wanted
 */
export async function bootstrap(wanted) {
  if (!isNodeNewEnough(process.versions.node)) {
    say(`Ziggurat needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.`);
    process.exit(2);
  }
  if (!(await installPackages()) || !(await buildPackages(wanted))) process.exit(1);
}
