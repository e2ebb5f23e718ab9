import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { attackScene } from "./attack.js";
import { guardedTables, keepRows } from "./database.js";
import { setScene } from "./scene.js";

/** `npm run attack`: the whole suite against a platform that it starts itself. Ends with the line `N probes, M leaks`. */
const { values } = parseArgs({
  options: { brief: { type: "boolean" }, "drop-policy": { type: "string" }, "no-timings": { type: "boolean" } },
});
const say = (line: string) => console.log(line);
const began = performance.now();
const scene = await setScene(say);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void scene.close().finally(() => process.exit(1)));
try {
  if (values["drop-policy"] === "each") await dropEach();
  else await attackOnce();
} finally {
  await scene.close();
}

async function attackOnce(): Promise<void> {
  const { probes, leaks, gaps } = await attackScene(scene, {
    say,
    dropped: values["drop-policy"] === "all" ? await guardedTables(scene.database) : (values["drop-policy"]?.split(",") ?? []),
    withTimings: values["no-timings"] !== true && values.brief !== true,
    isBrief: values.brief === true,
    only: null,
  });
  for (const line of [...gaps, ...leaks]) say(line);
  say(`took ${Math.round((performance.now() - began) / 1000)} s`);
  say(`${probes} probes, ${leaks.length} leaks`);
  process.exitCode = leaks.length + gaps.length === 0 ? 0 : 1;
}

/** What each policy holds back that no code does: the brief attack with one policy after the other taken off. */
async function dropEach(): Promise<void> {
  const putBack = await keepRows(scene.database, "before_each");
  for (const table of await guardedTables(scene.database)) {
    const { probes, leaks } = await attackScene(scene, {
      say: () => undefined,
      dropped: [table],
      withTimings: false,
      isBrief: true,
      only: null,
    });
    say(`${table.padEnd(24)} ${probes} probes, ${leaks.length} leaks${leaks[0] === undefined ? "" : `, first: ${leaks[0].slice(0, 160)}`}`);
    await putBack();
  }
}
