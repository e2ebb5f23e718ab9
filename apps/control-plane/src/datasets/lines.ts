const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** One line of a stream of bytes, from 1. `bytes` is null when it was longer than the limit; its bytes were skipped. */
export interface Line {
  readonly number: number;
  readonly bytes: Uint8Array | null;
}

/** Splits bytes into lines while they stream by; holds at most one line. A final line feed ends the last line, it starts no other. */
export async function* linesOf(source: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let pending = false;
  let number = 1;
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED, from); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      yield { number, bytes: whole(parts, held, chunk.subarray(from, at), limit) };
      [parts, held, pending, from] = [[], 0, false, at + 1];
      number += 1;
    }
    const rest = chunk.subarray(from);
    if (rest.length === 0) continue;
    pending = true;
    held += rest.length;
    if (held <= limit) parts.push(rest);
    else parts = [];
  }
  if (pending) yield { number, bytes: whole(parts, held, new Uint8Array(), limit) };
}

function whole(parts: readonly Uint8Array[], held: number, last: Uint8Array, limit: number): Uint8Array | null {
  if (held + last.length > limit) return null;
  const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
