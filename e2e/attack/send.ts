import { Agent, request as open } from "node:http";
import { performance } from "node:perf_hooks";
import type { Request } from "./request.js";

/** An answer to its last byte. */
export interface Answer {
  readonly status: number;
  /** Name and value in the order they came. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly milliseconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
/** A stream that goes on is read for this long. */
const STREAM_MS = 250;

/** Sends a request as somebody. */
export function send(url: string, request: Request, token: string | null): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const call = open(
      url + request.path,
      {
        agent,
        method: request.method,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...request.headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        const answer = () => {
          const { rawHeaders: raw } = response;
          const headers = raw.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""] as const] : []));
          // Bytes one by one: what is no text must be compared too.
          resolve({
            status: response.statusCode ?? 0,
            headers,
            body: Buffer.concat(chunks).toString("latin1"),
            milliseconds: performance.now() - began,
          });
        };
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", answer);
        response.on("error", reject);
        if (response.headers["content-type"]?.startsWith("text/event-stream"))
          setTimeout(() => {
            answer();
            response.removeAllListeners("error");
            response.on("error", () => undefined);
            response.destroy();
          }, STREAM_MS).unref();
      },
    );
    call.on("error", reject);
    if (request.body !== null) call.write(request.body);
    call.end();
  });
}
