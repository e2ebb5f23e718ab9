import type { Database } from "./database.js";
import type { Operation } from "./open-api.js";
import { sharedDraft, type World } from "./probe.js";
import { type Draft, draftOf, withValue, written } from "./request.js";
import type { Bank } from "./scene.js";
import { type Answer, send } from "./send.js";
import { slotsOf } from "./slots.js";

/** What the neighbour is answered on their own requests: places in lists, entity tags, keys and request ids. */
export async function learn(
  url: string,
  database: Database,
  operations: readonly Operation[],
  theirs: Bank,
): Promise<Pick<World, "cursors" | "sharedCursors" | "etags" | "idempotencyKeys" | "requestIds">> {
  const cursors: Record<string, string> = {};
  const sharedCursors: Record<string, string> = {};
  const etags: Record<string, string> = {};
  for (const operation of operations.filter(({ method, isPublic }) => method === "GET" && !isPublic)) {
    const own = await firstPage(url, operation, draftOf(operation, theirs.holdings), theirs);
    const shared = await firstPage(url, operation, sharedDraft(operation, theirs.holdings), theirs);
    Object.assign(etags, named(operation, own?.headers.find(([name]) => name === "etag")?.[1]));
    Object.assign(cursors, named(operation, cursorIn(own)));
    Object.assign(sharedCursors, named(operation, cursorIn(shared)));
  }
  return {
    cursors,
    sharedCursors,
    etags,
    idempotencyKeys: await database.texts("select key from idempotency_keys where institution_id = $1 order by created_at", [theirs.id]),
    requestIds: await database.texts("select request_id from audit_entries where institution_id = $1 and request_id is not null limit 3", [
      theirs.id,
    ]),
  };
}

/** The shortest first page that one of them is answered; null where none is. */
async function firstPage(url: string, operation: Operation, draft: Draft, { people }: Bank): Promise<Answer | null> {
  const limit = slotsOf(operation).find((slot) => slot.in === "query" && slot.name === "limit");
  for (const { token } of people) {
    const answer = await send(url, written(limit === undefined ? draft : withValue(draft, limit, "1")), token);
    if (answer.status === 200) return answer;
  }
  return null;
}

const cursorIn = (answer: Answer | null) => /"nextCursor":"([^"]+)"/.exec(answer?.body ?? "")?.[1];
const named = ({ id }: Operation, value: string | undefined) => (value === undefined ? {} : { [id]: value });
