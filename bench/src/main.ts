import { httpBench } from "./http/http-bench.js";
import { recallBench } from "./recall/recall-bench.js";
import { trainingBench } from "./training-bench.js";

/** Every benchmark by name. Each runs its peer or the raw engine in the same run and prints the ratio. */
const benches: Readonly<Record<string, () => Promise<void>>> = { http: httpBench, recall: recallBench, training: trainingBench };

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no benchmark named ${unknown.join(", ")}. Known: ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
for (const [name, run] of Object.entries(benches)) {
  if (asked.length === 0 || asked.includes(name)) await run();
}
