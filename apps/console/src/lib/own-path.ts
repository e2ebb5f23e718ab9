/** A text as a place within the console, or `otherwise` where a browser might take it for another host's. */
export function ownPath(text: string | undefined, otherwise: string): string {
  if (text === undefined || !text.startsWith("/") || text.includes("\\")) return otherwise;
  const { origin } = window.location;
  if (!URL.canParse(text, origin)) return otherwise;
  const url = new URL(text, origin);
  // `/..//host` is one of ours until it is written down without the dots.
  if (url.origin !== origin || url.pathname.startsWith("//")) return otherwise;
  return url.pathname + url.search + url.hash;
}
