import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../platform/config.js";
import { Outgoing } from "../platform/outgoing/outgoing.js";
import { OutgoingRefused } from "../platform/outgoing/walls.js";

const TIMEOUT_MS = 10_000;
const MOST_BYTES = 1024 * 1024;

/** As much of `fetch` as libraries ask for. */
export interface OutsideRequest {
  readonly method?: string;
  readonly headers?: ConstructorParameters<typeof Headers>[0];
  readonly body?: ArrayBuffer | ReadableStream | string | Uint8Array | URLSearchParams | null;
  readonly signal?: AbortSignal | null;
}

/** Asks a provider that an institution named: by TLS, for a short answer, soon. Where it may lead is judged by {@link Outgoing}. */
@Injectable()
export class OutsideFetch {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, "federation">,
    private readonly outgoing: Outgoing,
  ) {}

  /** Whether the operator says that this address may be inside, or without TLS. */
  isTrusted(url: URL): boolean {
    return this.config.federation.insecureIssuers.includes(url.origin);
  }

  /** @throws TypeError as `fetch` does, when the address is not asked or does not answer */
  async fetch(address: string | URL, { method = "GET", headers, body, signal }: OutsideRequest = {}): Promise<Response> {
    const url = new URL(address);
    const isTrusted = this.isTrusted(url);
    if (url.protocol !== "https:" && !isTrusted) throw new TypeError(`${url.origin} is not asked without TLS`);
    const sent = {
      method,
      headers: Object.fromEntries(new Headers(headers)),
      ...(body === undefined || body === null
        ? {}
        : { body: Buffer.from(await new Response(body instanceof Uint8Array ? new Uint8Array(body) : body).arrayBuffer()) }),
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal ? [signal] : [])]),
    };
    try {
      const answer = await this.outgoing.fetch(url, isTrusted ? "listed" : "outside", sent);
      const read = await readAll(answer.body ?? []);
      return new Response([204, 304].includes(answer.status) ? null : read, {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
      });
    } catch (error) {
      if (error instanceof OutgoingRefused) throw new TypeError(`${url.host} is not asked: ${error.message}`, { cause: error });
      throw new TypeError(`${url.origin} does not answer`, { cause: error });
    }
  }
}

async function readAll(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MOST_BYTES) throw new Error("the answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts);
}
