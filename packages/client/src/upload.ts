import { createHash } from "node:crypto";
import { paths, UPLOAD_COMPLETE_HEADER, UPLOAD_OFFSET_HEADER } from "@ziggurat/contracts";
import type { Api } from "./api.js";
import { isProblem } from "./api-problem.js";

const PART_BYTES = 1_048_576;

/**
 * Uploads bytes under their own digest in parts of 1 MiB, going on where an earlier upload stopped.
 * @param onProgress told how many bytes the platform holds.
 * @returns the sha256 of the bytes, in hex.
 */
export async function uploadBlob(api: Api, bytes: Uint8Array, onProgress: (bytes: number) => void): Promise<string> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const held = await heldBytes(api, sha256);
  let offset = held.complete ? bytes.length : held.offset;
  onProgress(offset);
  while (!held.complete && offset < bytes.length) {
    const end = Math.min(offset + PART_BYTES, bytes.length);
    await api.send({
      method: "PUT",
      path: paths.blob(sha256),
      headers: { "content-type": "application/octet-stream", "content-range": `bytes ${offset}-${end - 1}/${bytes.length}` },
      body: new Uint8Array(bytes.subarray(offset, end)),
    });
    offset = end;
    onProgress(offset);
  }
  return sha256;
}

async function heldBytes(api: Api, sha256: string): Promise<{ offset: number; complete: boolean }> {
  try {
    const { headers } = await api.send({ method: "HEAD", path: paths.blob(sha256) });
    return { offset: Number(headers.get(UPLOAD_OFFSET_HEADER) ?? 0), complete: headers.get(UPLOAD_COMPLETE_HEADER) === "?1" };
  } catch (error) {
    if (isProblem(error, 404)) return { offset: 0, complete: false };
    throw error;
  }
}
