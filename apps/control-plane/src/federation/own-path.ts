import { z } from "zod";

const HERE = "http://here.invalid";

/** Whether a text is a place within the console: a path that no browser takes for another host's. */
export function isOwnPath(text: string): boolean {
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes("\\")) return false;
  if (!URL.canParse(text, HERE)) return false;
  const { origin, pathname } = new URL(text, HERE);
  // `/..//host` is one of ours until somebody writes it down without the dots.
  return origin === HERE && !pathname.startsWith("//");
}

/** Where the browser goes on after sign-in. */
export const ReturnTo = z.string().max(2000).refine(isOwnPath, "a path of this console, beginning with one /").default("/");
