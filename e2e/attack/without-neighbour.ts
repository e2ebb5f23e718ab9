import type { Attacker } from "./attackers.js";
import { difference, type Masked, masked } from "./compare.js";
import { type Database, keepRows, ownedTables } from "./database.js";
import type { Request } from "./request.js";
import { send } from "./send.js";

/** One thing that somebody reads of their own. */
export interface Reading {
  readonly attacker: Attacker;
  readonly request: Request;
}

/**
 * Reads the same twice from the same rows: with the neighbour in the database, and with every row of theirs taken out. Whatever differs
 * tells of the neighbour, were it only a count.
 * @returns what differs
 */
export async function readWithout(url: string, database: Database, neighbourId: string, readings: readonly Reading[]): Promise<string[]> {
  const putBack = await keepRows(database, "beside");
  try {
    const beside = await readAll(url, readings);
    await putBack();
    for (const table of await ownedTables(database)) await database.rows(`delete from "${table}" where institution_id = $1`, [neighbourId]);
    const alone = await readAll(url, readings);
    return readings.flatMap(({ attacker, request }, index) => {
      const [one, other] = [beside[index], alone[index]];
      const differs = one === undefined || other === undefined ? null : difference(one, other, ["beside the neighbour", "without"]);
      return differs === null ? [] : [`LEAK ${request.method} ${request.path} as ${attacker.name} depends on the neighbour: ${differs}`];
    });
  } finally {
    await putBack();
  }
}

/** In turn, since some readings are noted in the reader's own log, which others of them read. */
async function readAll(url: string, readings: readonly Reading[]): Promise<Masked[]> {
  const answers: Masked[] = [];
  for (const { attacker, request } of readings) {
    const answer = await send(url, request, attacker.token);
    const { status, headers, body } = masked(answer, request.path, [], false);
    answers.push({ status, headers: withoutMarks(headers), body: withoutMarks(body) });
  }
  return answers;
}

/** What a note of a reading has of its own: id, time and the digests that follow from them. */
function withoutMarks(text: string): string {
  return text
    .replace(/\b[a-z]{3}_[0-9a-f]{32}\b/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.:Z+-]*/g, "<time>")
    .replace(/\b[0-9a-f]{64}\b/g, "<digest>")
    .replace(/"(nextCursor|startRange|signature|sig)":("[^"]*"|\{[^}]*\})/g, '"$1":"<made>"')
    .replace(/^(etag|link): .*$/gm, "$1: <made>");
}
