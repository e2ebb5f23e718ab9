import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { attack } from "./attack.js";

/** `npm run attack`: the whole suite against a platform that it starts itself. Ends with the line `N probes, M leaks`. */
const { values } = parseArgs({ options: { "drop-policy": { type: "string" }, "no-timings": { type: "boolean" } } });
const began = performance.now();
const say = (line: string) => console.log(line);
const { probes, leaks, gaps } = await attack({
  say,
  dropPolicy: values["drop-policy"] ?? null,
  withTimings: values["no-timings"] !== true,
  oneOf: 1,
});
say(`took ${Math.round((performance.now() - began) / 1000)} s`);
for (const line of [...gaps, ...leaks]) say(line);
say(`${probes} probes, ${leaks.length} leaks`);
process.exitCode = leaks.length + gaps.length === 0 ? 0 : 1;
