import type { Readable } from "node:stream";
import type { ImportFailureCode, Violation } from "@ziggurat/contracts";

/** A file at the source, and all that the source says about its bytes. */
export interface ImportFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
  /** Git's own digest of the file, which hubs give for what is not kept in LFS. */
  readonly gitSha1: string | null;
  /** What pins these very bytes: an entity tag, an object's version, a file's identity and times. */
  readonly mark: string | null;
}

export interface Resolved {
  /** Fixed: asked again for it, the source gives the same bytes or refuses. */
  readonly revision: string;
  readonly files: readonly ImportFile[];
}

export interface OpenedFile {
  /** Where the stream begins: the offset asked for, or 0 where the source cannot begin in the middle. */
  readonly from: number;
  readonly stream: Readable;
}

/** Somewhere files come from. It reads and judges nothing; whatever goes wrong is a {@link SourceFailure}. */
export interface ImportSource {
  /** @param pinned the revision found before, which is then kept where the source can */
  resolve(pinned: string | null, signal: AbortSignal): Promise<Resolved>;
  open(file: ImportFile, offset: number, revision: string, signal: AbortSignal): Promise<OpenedFile>;
}

/** What went wrong at the source, in its own words where it has any. */
export class SourceFailure extends Error {
  constructor(
    readonly code: ImportFailureCode,
    readonly detail: string,
    readonly options: {
      /** The next try may go better. */
      readonly retry?: boolean;
      /** Seconds the source asks us to wait. */
      readonly afterSeconds?: number;
      readonly violations?: readonly Violation[];
    } = {},
  ) {
    super(detail);
  }
}

/** Bytes differ from what was listed: nothing of the import becomes visible. */
export function changed(path: string, how: string): SourceFailure {
  return new SourceFailure("changed", `${path} changed under the import: ${how}`);
}

/** A connection that broke or never came about, in the network's own words. */
export function unreachable(where: string, error: unknown): SourceFailure {
  return new SourceFailure("unreachable", `${where} does not answer: ${reasonOf(error)}`, { retry: true });
}

/** The innermost words: `fetch failed` alone helps nobody. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return plain(String(error));
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return plain(error.message || error.name);
}

/** Words of a stranger, fit for a row and a page: one line, no control characters, not too long. */
export function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
