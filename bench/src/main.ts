import { parseArgs } from "node:util";
import { auditBench } from "./audit/audit-bench.js";
import { httpBench } from "./http/http-bench.js";
import { recallBench } from "./recall/recall-bench.js";
import { trainingBench } from "./training-bench.js";

/** Every benchmark by name. Each runs its peer or the raw engine in the same run and prints the ratio. */
const benches: Readonly<Record<string, (scale: number) => Promise<void>>> = {
  http: httpBench,
  recall: recallBench,
  training: trainingBench,
  audit: auditBench,
};

/** `--scale 0.1` makes a tenth of the data, for a look. */
const { positionals: asked, values } = parseArgs({ allowPositionals: true, options: { scale: { type: "string", default: "1" } } });
const scale = Number(values.scale);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0 || !(scale > 0)) {
  console.error(
    `Benchmarks are ${Object.keys(benches).join(", ")}, --scale is a number above 0; not known: ${[...unknown, ...(scale > 0 ? [] : [values.scale])].join(", ")}.`,
  );
  process.exit(2);
}
for (const [name, run] of Object.entries(benches)) {
  if (asked.length === 0 || asked.includes(name)) await run(scale);
}
