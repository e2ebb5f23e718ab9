import { TIERS } from "@ziggurat/contracts";
import type { Request } from "./request.js";
import type { Answer } from "./send.js";

/** Where two answers differ first, in words; null when no byte does. */
export function difference(one: Masked, other: Masked, names: readonly [string, string] = ["for theirs", "for absent"]): string | null {
  if (one.status !== other.status) return `status ${one.status} ${names[0]}, ${other.status} ${names[1]}`;
  if (one.headers !== other.headers) return `headers: ${firstDifference(one.headers, other.headers, names)}`;
  return one.body === other.body ? null : `body: ${firstDifference(one.body, other.body, names)}`;
}

/** An answer without what may differ. */
export interface Masked {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/**
 * An answer with request id and date taken out, and what the request named wherever it is repeated.
 * @param path what was asked for
 * @param named what it named
 * @param isChange what a change made has an id, a time and a secret of its own
 */
export function masked(answer: Answer, path: string, named: readonly string[], isChange: boolean): Masked {
  const requestId = answer.headers.find(([name]) => name === "x-request-id")?.[1];
  const echoes = echoesOf(path, named);
  const clean = (text: string) => {
    let out = requestId === undefined ? text : text.replaceAll(requestId, "<request>");
    for (const echo of echoes) out = out.replaceAll(echo, "<named>");
    return isChange && answer.status < 300 ? withoutNew(out) : out;
  };
  const body = clean(unsigned(answer.body));
  // An entity tag is a digest of the body: where the body repeats the request, so does the tag.
  const repeats = body !== answer.body;
  const isMade = isChange && answer.status < 300;
  // How long is to be waited depends on the clock.
  const headers = answer.headers
    .filter(
      ([name]) => name !== "date" && name !== "retry-after" && !(name === "etag" && repeats) && !(name === "content-length" && isMade),
    )
    .map(([name, value]) => `${name}: ${clean(value).replace(/\d{8}T\d{6}Z/, "<time>")}`);
  return { status: answer.status, headers: headers.join("\n"), body };
}

/** Namespaces of the shared tiers are words of many answers, such as the names of their counts, whatever was asked for. */
const TIER_WORDS: readonly string[] = TIERS;

/** Whatever an answer may repeat of the request, longest first: the path, the values, and the parts of a reference. */
export function echoesOf(path: string, named: readonly string[]): string[] {
  const [pathname = path] = path.split("?");
  const parts = named.flatMap((value) => {
    const [, namespace, slug, number] = /^([a-z0-9-]+)\/([a-z0-9-]+)(?:@(\d+))?$/.exec(value) ?? [];
    const reference =
      namespace === undefined || slug === undefined
        ? []
        : [`${namespace}/${slug}`, slug, ...(TIER_WORDS.includes(namespace) ? [] : [namespace])];
    return [
      value,
      ...value.split(","),
      ...reference,
      ...(number === undefined ? [] : [value.replace("@", "/versions/"), value.replace("@", "/")]),
    ];
  });
  const written = [path, pathname, ...parts].flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)]);
  return [...new Set(written)].filter((text) => text.length > 1).toSorted((one, other) => other.length - one.length);
}

/** An answer without whatever the request said itself, at whichever place: what is left is the platform's own word. */
export function unasked({ headers, body }: Answer, request: Request): string {
  const said = [...stringsOf(request.body), ...placesOf(request.path), ...queryOf(request.path), ...Object.values(request.headers)];
  let text = `${headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n${body}`;
  for (const echo of echoesOf(request.path, said)) text = text.replaceAll(echo, "<asked>");
  return text;
}

/** What stands between the slashes of a path: the name of a thing, the digest of bytes. */
const placesOf = (path: string): string[] => new URL(path, "http://nowhere").pathname.split("/").map(decodeURIComponent);

const queryOf = (path: string): string[] => [...new URL(path, "http://nowhere").searchParams.values()];

/** Every text in a JSON body; a body that is none is one text. */
function stringsOf(body: string | null): string[] {
  if (body === null) return [];
  const found: string[] = [];
  try {
    JSON.parse(body, (_, value: unknown) => {
      if (typeof value === "string") found.push(value);
    });
  } catch {
    return [body];
  }
  return found;
}

/** Ids, times, digests and secrets of what was just made. */
function withoutNew(text: string): string {
  return text
    .replace(/\b[a-z]{3}_[0-9a-f]{32}\b/g, "<id>")
    .replace(/\bzig_[0-9a-f_]+/g, "<secret>")
    .replace(/W\/\\?"[\w-]+\\?"/g, "<version>")
    .replace(/@\d+\b/g, "@<number>")
    .replace(/"number":\d+/g, '"number":"<number>"')
    .replace(TIME, "<time>");
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.:Z+-]*/g;
const ENVELOPE = /"payload":"([A-Za-z0-9+/=]+)"(.*?)"sig":"[^"]*"/gs;

/** What is signed says when it was signed: the envelope is opened, the time and the signature taken out. */
function unsigned(text: string): string {
  return text.replace(
    ENVELOPE,
    (_, payload: string, between: string) =>
      `"payload":${Buffer.from(payload, "base64").toString("latin1").replace(TIME, "<time>")}${between}"sig":"<signature>"`,
  );
}

function firstDifference(one: string, other: string, names: readonly [string, string]): string {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 40), at + 80));
  return `${around(one)} ${names[0]}, ${around(other)} ${names[1]}`;
}
