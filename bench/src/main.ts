import { parseArgs } from "node:util";
import { auditBench } from "./audit/audit-bench.js";
import type { BenchOptions } from "./bench-options.js";
import { httpBench } from "./http/http-bench.js";
import { isolationBench } from "./isolation/isolation-bench.js";
import { lineageBench } from "./lineage/lineage-bench.js";
import { mapBench } from "./map/map-bench.js";
import { recallBench } from "./recall/recall-bench.js";
import { registryBench } from "./registry/registry-bench.js";
import { schedulingBench } from "./scheduling/scheduling-bench.js";
import { searchBench } from "./search/search-bench.js";
import { trainingBench } from "./training-bench.js";

/** Every benchmark by name. Each runs its peer or the raw engine in the same run and prints the ratio. */
const benches: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  http: httpBench,
  isolation: isolationBench,
  lineage: lineageBench,
  map: mapBench,
  recall: recallBench,
  registry: registryBench,
  scheduling: schedulingBench,
  search: searchBench,
  training: trainingBench,
  audit: auditBench,
};

/** `--scale 0.1` makes a tenth of the data, for a look; `--keep DIR` keeps what was built. */
const { positionals: asked, values } = parseArgs({
  allowPositionals: true,
  options: { scale: { type: "string", default: "1" }, keep: { type: "string" } },
});
const options: BenchOptions = { scale: Number(values.scale), keep: values.keep ?? null };
const isScale = options.scale > 0 && options.scale <= 1;
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0 || !isScale) {
  const known = Object.keys(benches).join(", ");
  console.error(
    `Benchmarks are ${known}; --scale is a number above 0 and up to 1. Not known: ${[...unknown, ...(isScale ? [] : [values.scale])].join(", ")}.`,
  );
  process.exit(2);
}
for (const [name, run] of Object.entries(benches)) {
  if (asked.length === 0 || asked.includes(name)) await run(options);
}
