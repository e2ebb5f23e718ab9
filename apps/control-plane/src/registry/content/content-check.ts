import { Inject, Injectable } from "@nestjs/common";
import type { ArtifactKind, Inspection, Violation } from "@ziggurat/contracts";
import { type BaseModules, type CheckpointSource, inspectCheckpoint, readBaseModules, readTensors } from "@ziggurat/foundation";
import { isSafetensors } from "@ziggurat/pyramid";
import { BLOB_STORE, type BlobStore } from "../blobs/blob-store.js";
import { sniffExecutable } from "./sniff-executable.js";

export interface CheckedFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A version whose modules an adapter must fit. */
export interface BaseFiles {
  readonly ref: string;
  readonly files: readonly CheckedFile[];
}

/** Enough to see what a file is. */
const SNIFF_BYTES = 4096;

/** Looks into files before they join a version, and into the whole checkpoint before it is sealed. Reads headers, never weights. */
@Injectable()
export class ContentCheck {
  constructor(@Inject(BLOB_STORE) private readonly store: BlobStore) {}

  /** What is wrong with single files, all at once. Pointers lead below `/files`. */
  async findings(files: readonly CheckedFile[]): Promise<Violation[]> {
    const found: Violation[] = [];
    const source = this.sourceOf(files);
    for (const [index, file] of files.entries()) {
      const finding = await this.finding(source, file);
      if (finding !== null) found.push({ ...finding, pointer: `/files/${index}/path` });
    }
    return found;
  }

  /** What the files are together, and why they may not be sealed. An adapter is compared with its base's real modules. */
  async inspect(
    files: readonly CheckedFile[],
    kind: ArtifactKind,
    base: BaseFiles | null,
  ): Promise<{ readonly inspection: Inspection; readonly violations: readonly Violation[] }> {
    const { inspection, problems } = await inspectCheckpoint(this.sourceOf(files), kind, await this.modulesOf(base));
    const violations = problems.map(({ code, detail, path }) => {
      const index = files.findIndex((file) => file.path === path);
      return { code, detail, pointer: index < 0 ? "/files" : `/files/${index}/path` };
    });
    return { inspection, violations };
  }

  private async modulesOf(base: BaseFiles | null): Promise<BaseModules | null> {
    return base === null ? null : readBaseModules(base.ref, this.sourceOf(base.files));
  }

  private async finding(source: CheckpointSource, file: CheckedFile): Promise<Violation | null> {
    const executable = sniffExecutable(await source.read(file.path, 0, SNIFF_BYTES));
    if (executable !== null) {
      return { code: "executable_serialisation", detail: `${file.path} is ${executable}, which can run code on loading; use safetensors` };
    }
    if (!isSafetensors(file.path)) return null;
    const reading = await readTensors(source, file);
    return reading.ok ? null : { code: "safetensors_invalid", detail: `${file.path}: ${reading.problem}` };
  }

  /** Files by path, out of the blob store. */
  private sourceOf(files: readonly CheckedFile[]): CheckpointSource {
    const byPath = new Map(files.map((file) => [file.path, file]));
    return {
      files,
      read: async (path, start, length) => {
        const file = byPath.get(path);
        if (file === undefined) throw new Error(`There is no file ${path} in this version.`);
        const last = Math.min(start + length, file.sizeBytes) - 1;
        if (last < start) return new Uint8Array();
        const chunks: Uint8Array[] = [];
        for await (const chunk of this.store.read(file.sha256, { first: start, last })) chunks.push(chunk);
        return Buffer.concat(chunks);
      },
      decode: utf8,
    };
  }
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
