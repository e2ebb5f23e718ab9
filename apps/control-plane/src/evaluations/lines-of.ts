import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Lines of a JSONL stream. Only `\n` ends one: readers that also split at U+2028 would cut JSON strings in two. */
export async function* linesOf(source: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of source) {
    const parts = (rest + decoder.write(chunk)).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}
