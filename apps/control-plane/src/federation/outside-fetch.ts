import { lookup } from "node:dns/promises";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../platform/config.js";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 1024 * 1024;

/** As much of `fetch` as libraries ask for. */
export interface OutsideRequest {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: ConstructorParameters<typeof Response>[0];
  readonly signal?: AbortSignal | null;
}

/**
 * Asks a provider that an institution named. Names are resolved here, the address is checked, and the connection goes to that very
 * address, so that nobody reaches the inside of our network through us. No redirect is followed.
 */
@Injectable()
export class OutsideFetch {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, "federation">) {}

  /** Whether the operator says that this address may be inside, or without TLS. */
  isTrusted(url: URL): boolean {
    return this.config.federation.insecureIssuers.includes(url.origin);
  }

  /** @throws TypeError as `fetch` does, when the address is not asked or does not answer */
  async fetch(address: string | URL, { method = "GET", headers, body, signal }: OutsideRequest = {}): Promise<Response> {
    const url = new URL(address);
    const isTrusted = this.isTrusted(url);
    if (url.protocol !== "https:" && !(isTrusted && url.protocol === "http:"))
      throw new TypeError(`${url.origin} is not asked without TLS`);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const [target] = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
    if (target === undefined) throw new TypeError(`${host} has no address`);
    if (!isTrusted && isInside(target.address)) throw new TypeError(`${host} lies inside and is not asked`);
    // `net` asks for one address or for all of them, by `all`.
    const pinned: LookupFunction = (_name, options, done) =>
      options.all === true ? done(null, [target]) : done(null, target.address, target.family);
    const send = body === undefined || body === null ? null : Buffer.from(await new Response(body).arrayBuffer());
    const answer = { url, method, headers: Object.fromEntries(new Headers(headers)), lookup: pinned, body: send };
    return exchange(answer, AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]));
  }
}

interface Exchange {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly lookup: LookupFunction;
  readonly body: Buffer | null;
}

function exchange({ url, method, headers, lookup: pinned, body }: Exchange, signal: AbortSignal): Promise<Response> {
  const begin = url.protocol === "https:" ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new TypeError(`${url.origin} does not answer`, { cause: error }));
    const request = begin(url, { method, headers, lookup: pinned, signal, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on("data", (part: Buffer) => {
        length += part.length;
        if (length > MOST_BYTES) response.destroy(new Error("the answer is too long"));
        else parts.push(part);
      });
      response.on("error", fail);
      response.on("end", () => {
        const status = response.statusCode ?? 0;
        const fields = new Headers();
        for (const [name, value] of Object.entries(response.headers)) if (value !== undefined) fields.set(name, String(value));
        resolve(new Response([204, 304].includes(status) ? null : Buffer.concat(parts), { status, headers: fields }));
      });
    });
    request.on("error", fail);
    request.end(body ?? undefined);
  });
}

const inside = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  inside.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  inside.addSubnet(network, prefix, "ipv6");

/** Addresses of this machine, of private networks and of nobody; an IPv4 address written as IPv6 is what it stands for. */
export function isInside(address: string): boolean {
  if (isIP(address) === 4) return inside.check(address, "ipv4");
  return inside.check(address, "ipv6");
}
