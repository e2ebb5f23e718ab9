import { createParser } from "eventsource-parser";
import { ApiProblem } from "./api-problem.js";

/** Waits between attempts to reconnect, in seconds; the last one repeats. */
export const BACK_OFF_SECONDS = [1, 2, 5, 10, 30] as const;

export interface StreamMessage {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}
export interface StreamOptions {
  /** Opens the stream after the event of this id. */
  readonly open: (lastEventId: string, signal: AbortSignal) => Promise<Response>;
  readonly lastEventId: string;
  readonly onMessage: (message: StreamMessage) => void;
  readonly onConnected: (isConnected: boolean) => void;
  readonly signal: AbortSignal;
  readonly wait?: (seconds: number, signal: AbortSignal) => Promise<void>;
  readonly jitter?: () => number;
}

/**
 * Follows a server-sent event stream until aborted, or until an `end` event or a refusal that no repeat can change.
 * After a break it asks again from the last id it saw.
 */
export async function followEvents(options: StreamOptions): Promise<void> {
  const { open, onMessage, onConnected, signal, wait = pause, jitter = Math.random } = options;
  let lastEventId = options.lastEventId;
  let failures = 0;
  while (!signal.aborted) {
    let ended = false;
    try {
      const response = await open(lastEventId, signal);
      onConnected(true);
      const parser = createParser({
        onEvent: ({ id, event, data }) => {
          if (id !== undefined) lastEventId = id;
          failures = 0;
          if (event === "end") ended = true;
          onMessage({ id: id ?? "", event: event ?? "message", data });
        },
      });
      await pump(response, (text) => parser.feed(text));
    } catch (error) {
      if (error instanceof ApiProblem && error.status >= 400 && error.status < 500 && error.status !== 429) return;
    }
    if (ended || signal.aborted) return;
    onConnected(false);
    const seconds = BACK_OFF_SECONDS[Math.min(failures, BACK_OFF_SECONDS.length - 1)] ?? 30;
    failures += 1;
    await wait(seconds * (0.8 + 0.4 * jitter()), signal);
  }
}

async function pump(response: Response, feed: (text: string) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    feed(value);
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", done, { once: true });
    window.addEventListener("online", done, { once: true });
  });
}
