import { attackersOf } from "./attackers.js";
import { Marks } from "./contents.js";
import { guard, rowsOf } from "./database.js";
import { inLanes } from "./lanes.js";
import { learn } from "./learn.js";
import { type Document, type Operation, operationsOf } from "./open-api.js";
import { type Probe, probesOf, type World } from "./probe.js";
import { readEverything } from "./read-everything.js";
import { runProbe, tell } from "./run-probe.js";
import { type Scene, setScene } from "./scene.js";
import { secretOf } from "./seed/institution.js";
import { send } from "./send.js";
import { knownIn, marksOf } from "./take-stock.js";
import { LIMIT, tellTimings, timeRoutes } from "./timings.js";
import { unreached } from "./unreached.js";

export interface AttackOptions {
  readonly say: (line: string) => void;
  /** A table whose row-level security is taken off first, to see the suite fail. */
  readonly dropPolicy: string | null;
  readonly withTimings: boolean;
  /** Of how many probes one is sent: 1 sends all. */
  readonly oneOf: number;
}

export interface Result {
  readonly probes: number;
  readonly leaks: readonly string[];
  /** Routes that were not attacked in earnest. */
  readonly gaps: readonly string[];
}

/** The whole suite on a platform of its own. */
export async function attack(options: AttackOptions): Promise<Result> {
  const scene = await setScene(options.say);
  try {
    return await attackScene(scene, options);
  } finally {
    await scene.close();
  }
}

export async function attackScene(scene: Scene, { say, dropPolicy, withTimings, oneOf }: AttackOptions): Promise<Result> {
  const { url, database, north, south } = scene;
  const leaks: string[] = [];
  const gaps: string[] = [];
  const operations = operationsOf(await documentOf(url));
  const world: World = {
    own: north.holdings,
    theirs: south.holdings,
    isKnown: knownIn(north.holdings, south.holdings),
    ...(await learn(url, database, operations, south)),
  };
  const marks = new Marks(await marksOf(database, south, south.holdings));
  const secrets = new Marks([secretOf(north.word), secretOf(south.word)]);
  const platform = scene.platformPeople.map(({ role, token }) => ({ name: role, token }));
  for (const bank of [north, south]) {
    const seen = await readEverything(url, operations, bank, secrets, () => platform);
    leaks.push(...seen.leaks);
    say(`${seen.read} answers to platform people read for the files and rows of ${bank.slug}, ${seen.leaks.length} leaks`);
  }
  const before = await rowsOf(database, south.id);
  if (dropPolicy !== null) await guard(database, dropPolicy, false);

  const reading = await readEverything(url, operations, north, marks);
  leaks.push(...reading.leaks);
  say(`${reading.read} answers read for the neighbour's words, ${reading.leaks.length} leaks`);
  const probes = operations.flatMap((operation) => probesOf(operation, world)).filter((_, index) => index % oneOf === 0);
  const reached = new Set(reading.answered);
  let sent = 0;
  const run = async (probe: Probe) => {
    for (const attacker of attackersOf(probe.operation, north)) {
      const { leak, hasReached } = await runProbe(url, probe, attacker, marks);
      sent += 1;
      if (hasReached) reached.add(probe.operation.id);
      if (leak !== null) leaks.push(leak);
    }
  };
  await inLanes(probes.filter(isReading), 4, run);
  say(`${sent} probes of reading routes, ${leaks.length} leaks`);
  if (withTimings) {
    const timed = await timeRoutes(url, probes, north);
    say(tellTimings(timed));
    for (const { operation, attacker, apart } of timed.filter((one) => one.apart > LIMIT))
      leaks.push(tell({ operation, position: "time" }, attacker, `medians are ${(apart * 100).toFixed(1)} % apart`));
  }
  // What makes something under the neighbour's names comes last, when nothing else is asked by them any more.
  const makes = ({ position }: Probe) => /^body \/(slug|namespace)/.test(position);
  const changes = probes.filter((one) => !isReading(one));
  for (const probe of [...changes.filter((one) => !makes(one)), ...changes.filter(makes)]) await run(probe);

  const after = await rowsOf(database, south.id);
  for (const [table, digest] of after)
    if (before.get(table) !== digest) leaks.push(`LEAK rows of southbank in ${table} are not what they were: ${before.get(table)}, now ${digest}`);
  if (oneOf === 1) gaps.push(...notReached(operations, probes, reached));
  return { probes: sent, leaks, gaps };
}

const isReading = ({ operation }: Probe) => operation.method === "GET" || operation.method === "HEAD";

/** Routes whose every probe was refused before it came to what it names, other than those we know of. */
function notReached(operations: readonly Operation[], probes: readonly Probe[], reached: ReadonlySet<string>): string[] {
  const attacked = new Set(probes.map(({ operation }) => operation.id));
  return operations.flatMap(({ id, method, path }) => {
    if (reached.has(id)) return id in unreached ? [`GAP ${method} ${path} (${id}) is reached now; take it off the list`] : [];
    if (id in unreached) return [];
    return [`GAP ${method} ${path} (${id}) ${attacked.has(id) ? "refused every probe before it looked for anything" : "has no place to attack"}`];
  });
}

async function documentOf(url: string): Promise<Document> {
  return JSON.parse((await send(url, { method: "GET", path: "/openapi.json", headers: {}, body: null }, null)).body);
}
