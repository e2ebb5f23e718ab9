import { Inject, Injectable } from "@nestjs/common";
import type { Violation } from "@ziggurat/contracts";
import { isSafetensors } from "@ziggurat/pyramid";
import { BLOB_STORE, type BlobStore } from "../blobs/blob-store.js";
import { headerLength, readHeader, type SafetensorsReading } from "./safetensors-header.js";
import { sniffExecutable } from "./sniff-executable.js";

export interface CheckedFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Enough to see what a file is. */
const SNIFF_BYTES = 4096;

/** Looks into files before they join a version. Reads headers only, never weights. */
@Injectable()
export class ContentCheck {
  constructor(@Inject(BLOB_STORE) private readonly store: BlobStore) {}

  /** What is wrong with the contents, all at once. Pointers lead below `/files`. */
  async findings(files: readonly CheckedFile[]): Promise<Violation[]> {
    const found: Violation[] = [];
    for (const [index, file] of files.entries()) {
      const finding = await this.finding(file);
      if (finding !== null) found.push({ ...finding, pointer: `/files/${index}/path` });
    }
    return found;
  }

  /** Numbers in all safetensors files; null when there is none. */
  async parameters(files: readonly CheckedFile[]): Promise<number | null> {
    const readings: SafetensorsReading[] = [];
    for (const file of files) if (isSafetensors(file.path)) readings.push(await this.header(file));
    const counts = readings.flatMap((reading) => (reading.ok ? [reading.facts.parameters] : []));
    return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
  }

  private async finding(file: CheckedFile): Promise<Violation | null> {
    const executable = sniffExecutable(await this.bytes(file, 0, SNIFF_BYTES));
    if (executable !== null) {
      return { code: "executable_serialisation", detail: `${file.path} is ${executable}, which can run code on loading; use safetensors` };
    }
    if (!isSafetensors(file.path)) return null;
    const reading = await this.header(file);
    return reading.ok ? null : { code: "safetensors_invalid", detail: `${file.path}: ${reading.problem}` };
  }

  private async header(file: CheckedFile): Promise<SafetensorsReading> {
    const length = headerLength(await this.bytes(file, 0, 8), file.sizeBytes);
    return typeof length === "string" ? { ok: false, problem: length } : readHeader(await this.bytes(file, 8, length), file.sizeBytes);
  }

  private async bytes(file: CheckedFile, start: number, length: number): Promise<Uint8Array> {
    const last = Math.min(start + length, file.sizeBytes) - 1;
    if (last < start) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.store.read(file.sha256, { first: start, last })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}
