import { open } from "node:fs/promises";
import { LOG_PIECE_BYTES, type LogPiece } from "../cluster-driver.js";

/** Bytes of a file from an offset on; a file that is not there yet, or is shorter, has nothing to say. */
export async function readPiece(path: string, offset: number): Promise<LogPiece> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return { bytes: new Uint8Array(), next: offset };
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_PIECE_BYTES), 0, LOG_PIECE_BYTES, Math.max(0, offset));
    return { bytes: buffer.subarray(0, bytesRead), next: offset + bytesRead };
  } finally {
    await file.close();
  }
}
