import { turned } from "./absent.js";
import type { Operation } from "./open-api.js";
import type { Probe } from "./probe.js";
import { digestOf } from "./seed/files.js";
import { noteOf } from "./seed/institution.js";

/** Sending the very bytes that the neighbour has must be answered like sending bytes that nobody has. Sent last: the sender then has them. */
export function sameBytes(operations: readonly Operation[], word: string): Probe[] {
  const theirs = noteOf(word);
  const absent = turned(theirs);
  return operations
    .filter(({ id }) => id === "blobsPut")
    .map((operation) => ({
      operation,
      position: "bytes of the neighbour's",
      theirs: bytes(theirs),
      absent: bytes(absent),
      named: { theirs: [digestOf(theirs)], absent: [digestOf(absent)] },
    }));
}

const bytes = (text: string) => ({
  method: "PUT",
  path: `/api/v1/blobs/${digestOf(text)}`,
  headers: { "content-type": "application/octet-stream" },
  body: text,
});
