import { httpBench } from "./http/http-bench.js";
import { lineageBench } from "./lineage/lineage-bench.js";
import { trainingBench } from "./training-bench.js";

/** Every benchmark by name. Each runs its peer or the raw engine in the same run and prints the ratio. */
const benches: Readonly<Record<string, (options: readonly string[]) => Promise<void>>> = {
  http: httpBench,
  training: trainingBench,
  lineage: lineageBench,
};

/** Names first, then options such as `--scale 0.01`. */
const given = process.argv.slice(2);
const firstOption = given.findIndex((word) => word.startsWith("--"));
const asked = firstOption < 0 ? given : given.slice(0, firstOption);
const options = firstOption < 0 ? [] : given.slice(firstOption);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no benchmark named ${unknown.join(", ")}. Known: ${Object.keys(benches).join(", ")}.`);
  process.exit(2);
}
for (const [name, run] of Object.entries(benches)) {
  if (asked.length === 0 || asked.includes(name)) await run(options);
}
