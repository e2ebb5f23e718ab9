import { paths } from "@ziggurat/contracts";
import { api } from "./api-client.js";
import { ApiProblem } from "./api-problem.js";

const PART_BYTES = 4 * 1024 * 1024;

/** Sends a file under its digest, from wherever an earlier try stopped. Bytes the store already has are not sent again. */
export async function uploadBlob(file: Blob, sha256: string, onSent: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  const path = paths.blob(sha256);
  let offset = await offsetOf(path, file.size, signal);
  onSent(offset);
  // An empty file has no range to name; it is sent whole.
  if (file.size === 0 && offset === 0) {
    await api.raw(path, { method: "PUT", body: file, signal });
    return;
  }
  while (offset < file.size) {
    const end = Math.min(offset + PART_BYTES, file.size);
    const headers = { "content-range": `bytes ${offset}-${end - 1}/${file.size}`, "content-type": "application/octet-stream" };
    try {
      await api.raw(path, { method: "PUT", body: file.slice(offset, end), headers, signal });
      offset = end;
    } catch (error) {
      const moved = error instanceof ApiProblem && error.status === 416 ? await offsetOf(path, file.size, signal) : offset;
      if (moved === offset) throw error;
      offset = moved;
    }
    onSent(offset);
  }
}

async function offsetOf(path: string, size: number, signal: AbortSignal): Promise<number> {
  try {
    const response = await api.raw(path, { method: "HEAD", signal });
    const offset = response.headers.get("upload-offset");
    return offset === null ? size : Math.min(Number(offset), size);
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return 0;
    throw error;
  }
}
