import { lookup } from "node:dns/promises";
import { BlockList, isIPv6 } from "node:net";
import { SourceFailure, unreachable } from "./import-source.js";

const MOST_HOPS = 5;

export interface Followed {
  readonly response: Response;
  /** What the first host said about a file before it sent us elsewhere: those words count, the other host's do not. */
  readonly first: Headers;
}

/**
 * GET without the runtime's own redirects. Within the endpoint's origin they are followed; to another host only where `elsewhere` allows it
 * (bytes that a hub keeps at a delivery network), never with the token, never from the open net into ours.
 */
export async function follow(
  endpoint: string,
  url: string,
  options: {
    readonly token: string | null;
    readonly headers?: Readonly<Record<string, string>>;
    readonly elsewhere: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Followed> {
  const home = new URL(endpoint);
  let [target, first] = [new URL(url), new Headers()];
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const isHome = target.origin === home.origin;
    const authorization: Record<string, string> = isHome && options.token !== null ? { authorization: `Bearer ${options.token}` } : {};
    const response = await fetch(target, {
      redirect: "manual",
      signal: options.signal,
      headers: { "accept-encoding": "identity", "user-agent": "ziggurat", ...options.headers, ...authorization },
    }).catch((error: unknown) => {
      options.signal.throwIfAborted();
      throw unreachable(target.origin, error);
    });
    if (isHome && ![...first].some(([name]) => LINKED.includes(name))) first = response.headers;
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return { response, first };
    await response.body?.cancel();
    target = new URL(location, target);
    if (target.origin !== home.origin) await checkElsewhere(home, target, options.elsewhere);
  }
  throw new SourceFailure("refused", `${home.origin} sends us from one address to the next without end`);
}

/** Headers by which a hub describes a file that another host delivers. */
const LINKED = ["x-linked-etag", "x-linked-size"];

async function checkElsewhere(home: URL, target: URL, isAllowed: boolean): Promise<void> {
  if (!isAllowed) throw new SourceFailure("refused", `${home.origin} sends us to ${target.origin}, which was not asked for`);
  const isSafe = target.protocol === "https:" || (target.protocol === "http:" && home.protocol === "http:");
  if (!isSafe) throw new SourceFailure("refused", `${home.origin} sends us to ${target.protocol}//${target.host}, which is not safe`);
  if ((await isInward(target)) && !(await isInward(home))) {
    throw new SourceFailure("refused", `${home.origin} sends us to ${target.host}, an address inside our own network`);
  }
}

async function isInward({ hostname }: URL): Promise<boolean> {
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ""), { all: true }).catch((error: unknown) => {
    throw unreachable(hostname, error);
  });
  return addresses.some(({ address }) => isInwardAddress(address));
}

/** An address that only our own network, or this very machine, answers at. */
export function isInwardAddress(address: string): boolean {
  return INWARD.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

const INWARD = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  INWARD.addSubnet(net, bits, "ipv4");
  INWARD.addSubnet(`::ffff:${net}`, 96 + bits, "ipv6");
}
for (const [net, bits] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  INWARD.addSubnet(net, bits, "ipv6");
}
