import { randomUUID } from "node:crypto";
import autocannon from "autocannon";

export interface Target {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

const CONNECTIONS = 16;

/**
 * Sends `amount` equal POST requests over 16 connections, each with its own idempotency key.
 * @returns requests per second. Throws when any answer was not 2xx: a refused request costs nothing and would flatter.
 */
export async function load({ url, headers, body }: Target, amount: number): Promise<number> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
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
  return result["2xx"] / result.duration;
}
