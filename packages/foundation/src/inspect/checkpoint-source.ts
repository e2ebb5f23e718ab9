import type { Finding } from "@ziggurat/contracts";

export interface CheckpointFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where a checkpoint's bytes come from: a blob store, a disk, memory. Only ranges are asked for, never a whole file of weights. */
export interface CheckpointSource {
  readonly files: readonly CheckpointFile[];
  /** `length` bytes from `start`; fewer only where the file ends. */
  read(path: string, start: number, length: number): Promise<Uint8Array>;
  /** UTF-8 as text; null where it is none. Pure code has no decoder of its own. */
  decode(bytes: Uint8Array): string | null;
}

/** Why a checkpoint is refused: the same shape as what is merely worth reading. */
export type Problem = Finding;

/** A value, or why there is none. */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export const read = <T>(value: T): Reading<T> => ({ ok: true, value });
export const unreadable = (problem: string): Reading<never> => ({ ok: false, problem });

/** The folder a file lies in, with its slash; empty at the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The first few of many names, for a sentence. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(short);
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ");
}

/** A text from a file as it may stand in a sentence and in a database: no control characters, no half characters, no pages. */
export function short(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
  return cut.replace(/\p{Cc}|\p{Cs}/gu, "\u{FFFD}");
}

const MOST_CHARACTERS = 120;
