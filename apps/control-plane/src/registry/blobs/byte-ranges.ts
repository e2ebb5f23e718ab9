import { Refusal } from "../../platform/errors/refusal.js";
import type { ByteRange } from "./blob-store.js";

/** A part of an upload: where it starts, how long it is, and how long the whole is. Null where the sender did not say. */
export interface UploadPart {
  /** Null: the whole file, from its first byte. */
  readonly start: number | null;
  readonly length: number | null;
  readonly total: number | null;
}

/**
 * Reads `Content-Range: bytes first-last/total` and `Content-Length` of an upload.
 * @throws Refusal `invalid` when they are malformed or contradict each other
 */
export function uploadPart(contentRange: string | undefined, contentLength: string | undefined): UploadPart {
  const length = contentLength === undefined ? null : Number(contentLength);
  if (contentRange === undefined) return { start: null, length, total: length };
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(contentRange);
  const [first, last, total] = (found ?? []).slice(1).map(Number);
  if (first === undefined || last === undefined || total === undefined || first > last || last >= total) {
    throw invalid("Content-Range must read bytes first-last/total.");
  }
  if (length !== null && length !== last - first + 1) throw invalid("Content-Length and Content-Range contradict each other.");
  return { start: first, length: last - first + 1, total };
}

/**
 * The one range a download asks for, or null for the whole. Several ranges, and units other than bytes, are answered whole.
 * @throws Refusal `range_mismatch` when the range lies outside
 */
export function downloadRange(header: string | undefined, size: number): ByteRange | null {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [from = "", to = ""] = found?.slice(1) ?? [];
  if (found === null || (from === "" && to === "")) return null;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) {
    throw new Refusal("range_mismatch", `The file has ${size} bytes.`, [], { "content-range": `bytes */${size}` });
  }
  return { first, last };
}

function invalid(detail: string): Refusal {
  return new Refusal("invalid", detail, [{ code: "content_range", detail }]);
}
