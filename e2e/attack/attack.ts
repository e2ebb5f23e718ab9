import { attackersOf } from "./attackers.js";
import { Marks } from "./contents.js";
import { guard, keepRows, rowsOf } from "./database.js";
import { openFacades } from "./facades.js";
import { inLanes } from "./lanes.js";
import { learn } from "./learn.js";
import { attackLive, type Found } from "./live.js";
import { type Document, type Operation, operationsOf } from "./open-api.js";
import { type Probe, probesOf, type World } from "./probe.js";
import { allReadings, readEverything } from "./read-everything.js";
import { runProbe, tell } from "./run-probe.js";
import { sameBytes } from "./same-bytes.js";
import type { Scene } from "./scene.js";
import { scimPaths } from "./scim.js";
import { secretOf } from "./seed/institution.js";
import { send } from "./send.js";
import { attackSessions } from "./sessions.js";
import { knownIn, marksOf } from "./take-stock.js";
import { LIMIT, tellTimings, timeRoutes } from "./timings.js";
import { unreached } from "./unreached.js";
import { readWithout } from "./without-neighbour.js";

export interface AttackOptions {
  readonly say: (line: string) => void;
  /** Tables whose row-level security is taken off first, to see the suite fail. */
  readonly dropped: readonly string[];
  readonly withTimings: boolean;
  /** One probe for each place of each route, by one role in turn, and a part of the reading. */
  readonly isBrief: boolean;
  /** Only these routes, by what is in their path; null attacks all. */
  readonly only: string | null;
}

export interface Result {
  readonly probes: number;
  readonly leaks: readonly string[];
  /** Routes that were not attacked in earnest. */
  readonly gaps: readonly string[];
}

/** The whole suite, one way and then, in its brief form, the other. A policy that is dropped is put back at the end. */
export async function attackScene(scene: Scene, options: AttackOptions): Promise<Result> {
  const { database } = scene;
  const putBack = await keepRows(database, "before_attack");
  const one = await attackOneWay(scene, options);
  if (options.isBrief || options.only !== null) return one;
  // What the first way made is the neighbour's now, and would be taken for the other's.
  await putBack();
  options.say(`and ${scene.back.north.slug} attacks ${scene.back.south.slug}, one probe for each place`);
  const other = await attackOneWay({ ...scene, ...scene.back }, { ...options, isBrief: true, withTimings: false });
  await putBack();
  return { probes: one.probes + other.probes, leaks: [...one.leaks, ...other.leaks], gaps: one.gaps };
}

async function attackOneWay(scene: Scene, options: AttackOptions): Promise<Result> {
  const plan = await makePlan(scene, options);
  // The platform's people are let through by every policy, so a dropped one changes nothing for them.
  const leaks = options.dropped.length === 0 ? await readAsPlatform(scene, plan, options) : [];
  const before = await rowsOf(scene.database, scene.south.id);
  for (const table of options.dropped) await guard(scene.database, table, false);
  try {
    const { read, answered, leaks: found } = await readEverything(scene.url, plan.operations, scene.north, plan.marks, options.isBrief);
    options.say(`${read} answers read for the neighbour's words, ${found.length} leaks`);
    const open = options.only === null ? await attackOpen(scene, plan, options) : { probes: 0, leaks: [] };
    const sent = await sendProbes(scene, plan, options);
    leaks.push(...found, ...open.leaks, ...sent.leaks, ...(options.withTimings ? await timings(scene, plan, options) : []));
    leaks.push(...(await without(scene, plan, options)));
    leaks.push(...changed(before, await rowsOf(scene.database, scene.south.id)));
    const gaps = await openFacades(scene.url);
    if (!options.isBrief) gaps.push(...notReached(plan, new Set([...answered, ...sent.reached])));
    return { probes: sent.count + open.probes, leaks, gaps };
  } finally {
    for (const table of options.dropped) await guard(scene.database, table, true);
  }
}

/** What is open over time: streams while events happen, and sessions. Rows that this makes of either side's are taken out again. */
async function attackOpen(scene: Scene, { operations, marks }: Plan, { say }: AttackOptions): Promise<Found> {
  const { url, database, north, south } = scene;
  const putBack = await keepRows(database, "before_open");
  try {
    const live = await attackLive(url, database, north, south, marks);
    const sessions = await attackSessions(url, database, operations, north, south, marks);
    const found = { probes: live.probes + sessions.probes, leaks: [...live.leaks, ...sessions.leaks] };
    say(`${found.probes} probes of open streams, sessions and headers, ${found.leaks.length} leaks`);
    return found;
  } finally {
    await putBack();
  }
}

interface Plan {
  readonly operations: readonly Operation[];
  readonly probes: readonly Probe[];
  readonly marks: Marks;
}

/** Every probe of every route that the platform says it has. */
async function makePlan({ url, database, north, south }: Scene, { isBrief, only }: AttackOptions): Promise<Plan> {
  const operations = operationsOf(await documentOf(url)).filter(({ path }) => only === null || path.includes(only));
  const world: World = {
    own: north.holdings,
    theirs: south.holdings,
    isKnown: knownIn(north.holdings, south.holdings),
    ...(await learn(url, database, operations, south)),
  };
  const probes = operations.flatMap((operation) => probesOf(operation, world));
  const marks = new Marks(await marksOf(database, south, south.holdings));
  return { operations, probes: isBrief ? firstOfEach(probes) : probes, marks };
}

/** The platform's people see that things are there, and not what is in them. */
async function readAsPlatform(scene: Scene, { operations }: Plan, { say, isBrief }: AttackOptions): Promise<string[]> {
  const { url, north, south } = scene;
  const secrets = new Marks([secretOf(north.word), secretOf(south.word)]);
  const people = scene.platformPeople.map(({ role, token }) => ({ name: role, token }));
  const leaks: string[] = [];
  for (const bank of [north, south]) {
    const seen = await readEverything(url, operations, bank, secrets, isBrief, () => people);
    leaks.push(...seen.leaks);
    say(`${seen.read} answers to platform people read for the files and rows of ${bank.slug}, ${seen.leaks.length} leaks`);
  }
  return leaks;
}

async function sendProbes({ url, north, south }: Scene, { operations, probes, marks }: Plan, { say, isBrief }: AttackOptions) {
  const leaks: string[] = [];
  const reached = new Set<string>();
  let count = 0;
  let turn = 0;
  const run = async (probe: Probe) => {
    turn += 1;
    const everybody = attackersOf(probe.operation, north);
    const one = turn % everybody.length;
    for (const attacker of isBrief ? everybody.slice(one, one + 1) : everybody) {
      const { leak, hasReached } = await runProbe(url, probe, attacker, marks);
      count += 1;
      if (hasReached) reached.add(probe.operation.id);
      if (leak !== null) leaks.push(leak);
    }
  };
  await inLanes(probes.filter(isReading), 4, run);
  say(`${count} probes of reading routes, ${leaks.length} leaks`);
  // What makes something under the neighbour's names comes last, when nothing else is asked by them any more.
  const makes = ({ operation, position }: Probe) =>
    /^body \/(slug|namespace)/.test(position) || (operation.method === "PUT" && position.startsWith("path {alias}"));
  const changes = probes.filter((one) => !isReading(one));
  const last = [...changes.filter(makes), ...sameBytes(operations, south.word)];
  for (const probe of [...changes.filter((one) => !makes(one)), ...last]) await run(probe);
  return { count, reached, leaks };
}

/** Event streams go on for a while and are read once; everything else twice. */
async function without({ url, database, north, south }: Scene, { operations }: Plan, { say, isBrief }: AttackOptions): Promise<string[]> {
  const readings = allReadings(
    operations.filter(({ path }) => !path.endsWith("/events")),
    north,
    isBrief,
  );
  const leaks = await readWithout(url, database, south.id, readings);
  say(`${readings.length} answers read beside the neighbour and without, ${leaks.length} differ`);
  return leaks;
}

async function timings({ url, north }: Scene, { probes }: Plan, { say }: AttackOptions): Promise<string[]> {
  const timed = await timeRoutes(url, probes, north);
  say(tellTimings(timed));
  return timed
    .filter(({ apart }) => apart > LIMIT)
    .map(({ operation, attacker, apart }) =>
      tell({ operation, position: "time" }, attacker, `medians are ${(apart * 100).toFixed(1)} % apart`),
    );
}

function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after]
    .filter(([table, digest]) => before.get(table) !== digest)
    .map(([table, digest]) => `LEAK the neighbour's rows in ${table} are not what they were: ${before.get(table)}, now ${digest}`);
}

/** One probe for each place that is tried. */
function firstOfEach(probes: readonly Probe[]): Probe[] {
  return [...new Map(probes.toReversed().map((probe) => [`${probe.operation.id} ${probe.position}`, probe])).values()].toReversed();
}

/** A search that is sent as a body reads as well; it comes before anything is made that it would find. */
const isReading = ({ operation }: Probe) => ["GET", "HEAD"].includes(operation.method) || operation.path.endsWith("/.search");

/** Routes whose every probe was refused before it came to what it names, other than those we know of. */
function notReached({ operations, probes }: Plan, reached: ReadonlySet<string>): string[] {
  const attacked = new Set(probes.map(({ operation }) => operation.id));
  return operations.flatMap(({ id, method, path }) => {
    if (reached.has(id)) return id in unreached ? [`GAP ${method} ${path} (${id}) is reached now; take it off the list`] : [];
    if (id in unreached) return [];
    return [
      `GAP ${method} ${path} (${id}) ${attacked.has(id) ? "refused every probe before it looked for anything" : "has no place to attack"}`,
    ];
  });
}

/** The native API as the platform describes it, and the facades as we do. */
export async function documentOf(url: string): Promise<Document> {
  const native: Document = JSON.parse((await send(url, { method: "GET", path: "/openapi.json", headers: {}, body: null }, null)).body);
  return { ...native, paths: { ...native.paths, ...scimPaths } };
}
