import { buildPackages } from "./build.mjs";
import { ownPath, say } from "./checkout.mjs";
import { oneAtATime } from "./one-at-a-time.mjs";
import { installPackages, isNodeNewEnough, oldestNode } from "./packages.mjs";

/**
 * What every command needs before it can begin: a new enough Node, the locked packages, a build. Ends the process, after a line that says
 * why, when one of them is impossible. Two commands that start at once take turns.
 * @param {readonly import("./build.mjs").Buildable[]} wanted
 */
export async function bootstrap(wanted) {
  if (!isNodeNewEnough(process.versions.node)) {
    say(`Ziggurat needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.`);
    process.exit(2);
  }
  const isReady = await oneAtATime(ownPath("bootstrap.lock"), async () => (await installPackages()) && (await buildPackages(wanted)));
  if (!isReady) process.exit(1);
}
