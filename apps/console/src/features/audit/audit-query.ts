import { Slug, Timestamp } from "@ziggurat/contracts";
import { z } from "zod";

/** What the audit page keeps in its address. */
export const AuditUrl = z.object({
  q: z.string().max(100).optional(),
  actor: z.string().optional(),
  action: z.string().optional(),
  object: z.string().optional(),
  inst: Slug.optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  entry: z.string().optional(),
});
export type AuditUrl = z.infer<typeof AuditUrl>;

/** The filters in an address, as the API names them. */
export function filtersOf({ q, actor, action, object, inst, from, to }: AuditUrl): Record<string, string | undefined> {
  return {
    // One letter is somebody who goes on typing.
    "filter[text]": q !== undefined && q.trim().length >= 2 ? q : undefined,
    "filter[actor]": actor,
    "filter[action]": action,
    "filter[object]": object,
    "filter[chain]": inst,
    "filter[from]": from,
    "filter[to]": to,
  };
}
