import { say } from "./checkout.mjs";
import { preparePython } from "./python.mjs";

/** `node tooling/cli/prepare-python.mjs`: makes the trainer's environment and nothing else. */
process.exitCode = (await preparePython({ withTools: false, say })) ? 0 : 1;
