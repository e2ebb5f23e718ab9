import { randomUUID } from "node:crypto";
import autocannon from "autocannon";

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends `amount` equal POST requests over some connections, each with its own idempotency key. Throws when any answer was not 2xx: a
 * refused request costs nothing and would flatter.
 */
export async function load({ url, headers, body }: Target, amount: number, connections = 16): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    amount,
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    requests: [
      {
        setupRequest: (request) => ({ ...request, headers: { ...request.headers, "idempotency-key": randomUUID() } }),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${url}: ${result.non2xx} answers were not 2xx, ${result.errors} failed`);
  return { perSecond: result["2xx"] / result.duration, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}
