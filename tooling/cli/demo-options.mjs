import { parseArgs } from "node:util";

/**
 * Sorts the command line of `npm run demo` into what the platform takes, what the demo takes and `--once`.
 * @param {readonly string[]} args
 * @returns {{ readonly once: boolean, readonly dataDir: string | null, readonly port: string | null, readonly passed: readonly string[] }}
 */
export function readDemoOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      "data-dir": { type: "string" },
      port: { type: "string" },
      seed: { type: "string" },
      "task-train": { type: "string" },
      "task-test": { type: "string" },
      "task-method": { type: "string" },
    },
  });
  const { once, "data-dir": dataDir, port, ...passed } = values;
  return {
    once,
    dataDir: dataDir ?? null,
    port: port ?? null,
    passed: Object.entries(passed).flatMap(([name, value]) => (typeof value === "string" ? [`--${name}`, value] : [])),
  };
}
