/** One file on its way to the blob store. */
export interface FileUpload {
  readonly id: string;
  /** Path the file will have in its version. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly phase: "waiting" | "hashing" | "sending" | "done" | "failed";
  /** Bytes of the present phase. */
  readonly doneBytes: number;
  readonly sha256: string | null;
  readonly error: unknown;
}

export type UploadEvent =
  | { readonly type: "added"; readonly uploads: readonly FileUpload[] }
  | { readonly type: "removed"; readonly id: string }
  | { readonly type: "moved"; readonly id: string; readonly patch: Partial<Omit<FileUpload, "id">> };

export function reduceUploads(uploads: readonly FileUpload[], event: UploadEvent): readonly FileUpload[] {
  switch (event.type) {
    case "added": {
      const paths = new Set(event.uploads.map((upload) => upload.path));
      return [...uploads.filter((upload) => !paths.has(upload.path)), ...event.uploads];
    }
    case "removed":
      return uploads.filter((upload) => upload.id !== event.id);
    case "moved":
      return uploads.map((upload) => (upload.id === event.id ? { ...upload, ...event.patch } : upload));
  }
}

/** Share of a file's whole way, hashing counted as a fifth of it. */
export function shareOf(upload: FileUpload): number {
  const share = upload.sizeBytes === 0 ? 1 : upload.doneBytes / upload.sizeBytes;
  switch (upload.phase) {
    case "waiting":
      return 0;
    case "hashing":
      return share * 0.2;
    case "sending":
      return 0.2 + share * 0.8;
    case "done":
      return 1;
    case "failed":
      return share;
  }
}
