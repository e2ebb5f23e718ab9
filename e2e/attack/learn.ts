import type { Database } from "./database.js";
import type { Operation } from "./open-api.js";
import type { World } from "./probe.js";
import { draftOf, withValue, written } from "./request.js";
import type { Bank } from "./scene.js";
import { send } from "./send.js";
import { slotsOf } from "./slots.js";

/** What the neighbour is answered on their own requests: places in lists, entity tags, keys and request ids. */
export async function learn(
  url: string,
  database: Database,
  operations: readonly Operation[],
  theirs: Bank,
): Promise<Pick<World, "cursors" | "etags" | "idempotencyKeys" | "requestIds">> {
  const cursors: Record<string, string[]> = {};
  const etags: Record<string, string> = {};
  for (const operation of operations.filter(({ method, isPublic }) => method === "GET" && !isPublic)) {
    const draft = draftOf(operation, theirs.holdings);
    const limit = slotsOf(operation).find((slot) => slot.in === "query" && slot.name === "limit");
    for (const { token } of theirs.people) {
      const answer = await send(url, written(limit === undefined ? draft : withValue(draft, limit, "1")), token);
      if (answer.status !== 200) continue;
      const etag = answer.headers.find(([name]) => name === "etag")?.[1];
      if (etag !== undefined) etags[operation.id] = etag;
      const cursor = /"nextCursor":"([^"]+)"/.exec(answer.body)?.[1];
      if (cursor !== undefined) cursors[operation.id] = [cursor];
      break;
    }
  }
  return {
    cursors,
    etags,
    idempotencyKeys: await database.texts("select key from idempotency_keys where institution_id = $1 order by created_at", [theirs.id]),
    requestIds: await database.texts("select request_id from audit_entries where institution_id = $1 and request_id is not null limit 3", [theirs.id]),
  };
}
