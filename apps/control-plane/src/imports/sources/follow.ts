import { isIP } from "node:net";
import type { Headers, Response } from "undici";
import { Headers as HeaderList } from "undici";
import { kindOfAddress } from "../../platform/outgoing/address-kind.js";
import type { Outgoing } from "../../platform/outgoing/outgoing.js";
import { OutgoingRefused } from "../../platform/outgoing/walls.js";
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
 * @param outgoing judges every address when it is connected to
 */
export async function follow(
  outgoing: Pick<Outgoing, "fetch">,
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
  let [target, first]: [URL, Headers] = [new URL(url), new HeaderList()];
  for (let hop = 0; hop <= MOST_HOPS; hop += 1) {
    const isHome = target.origin === home.origin;
    const authorization: Record<string, string> = isHome && options.token !== null ? { authorization: `Bearer ${options.token}` } : {};
    const response = await outgoing
      .fetch(target, isHome || isInward(home) ? "listed" : "outside", {
        signal: options.signal,
        headers: { "accept-encoding": "identity", "user-agent": "ziggurat", ...options.headers, ...authorization },
      })
      .catch((error: unknown) => {
        options.signal.throwIfAborted();
        if (error instanceof OutgoingRefused) {
          throw new SourceFailure("refused", isHome ? error.message : `${home.origin} sends us to ${target.host}: ${error.message}`);
        }
        throw unreachable(target.origin, error);
      });
    if (isHome && ![...first].some(([name]) => LINKED.includes(name))) first = response.headers;
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) return { response, first };
    await response.body?.cancel();
    target = new URL(location, target);
    if (target.origin !== home.origin) checkElsewhere(home, target, options.elsewhere);
  }
  throw new SourceFailure("refused", `${home.origin} sends us from one address to the next without end`);
}

/** Headers by which a hub describes a file that another host delivers. */
const LINKED = ["x-linked-etag", "x-linked-size"];

function checkElsewhere(home: URL, target: URL, isAllowed: boolean): void {
  if (!isAllowed) throw new SourceFailure("refused", `${home.origin} sends us to ${target.origin}, which was not asked for`);
  const isSafe = target.protocol === "https:" || (target.protocol === "http:" && home.protocol === "http:");
  if (!isSafe) throw new SourceFailure("refused", `${home.origin} sends us to ${target.protocol}//${target.host}, which is not safe`);
}

/** A hub that the operator listed by an address of our own network hands its bytes out there too; a name proves nothing of the kind. */
function isInward({ hostname }: URL): boolean {
  const bare = hostname.replace(/^\[|\]$/g, "");
  return bare === "localhost" || (isIP(bare) !== 0 && kindOfAddress(bare) === "inward");
}
