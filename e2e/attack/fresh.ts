import type { Request } from "./request.js";

/** Stands in a body where each request must name something new, so that the second of two is not told that the first was there. */
export const FRESH = "fffffff0";

let made = 0;

/** The request with a new name in that place, and that name. */
export function freshened(request: Request): { readonly request: Request; readonly fresh: string } {
  made += 1;
  const fresh = String(made).padStart(FRESH.length, "0");
  return { request: { ...request, body: request.body?.replaceAll(FRESH, fresh) ?? null }, fresh };
}
