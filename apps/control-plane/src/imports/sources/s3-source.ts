import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { Readable } from "node:stream";
import { GetObjectCommand, HeadObjectCommand, paginateListObjectsV2, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { z } from "zod";
import {
  changed,
  type ImportFile,
  type ImportSource,
  type OpenedFile,
  plain,
  type Resolved,
  reasonOf,
  SourceFailure,
} from "./import-source.js";
import { listingDigest } from "./listing-digest.js";

/** Objects asked about at once while listing. */
const AT_ONCE = 8;
const MOST_OBJECTS = 100_000;
const Mark = z.object({ etag: z.string(), version: z.string().nullable() });

export interface S3Place {
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * Objects below a prefix. Each is pinned by its entity tag and, in a versioned bucket, by its version, so that one written meanwhile is
 * refused or never seen. Who we are comes from the process's environment, as every S3 client reads it.
 */
export class S3Source implements ImportSource {
  private readonly client: S3Client;
  private readonly prefix: string;

  /** @param agents judge every address that is connected to */
  constructor(
    private readonly place: S3Place,
    agents: { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent },
  ) {
    const { endpoint, region } = place;
    this.prefix = place.prefix === "" || place.prefix.endsWith("/") ? place.prefix : `${place.prefix}/`;
    this.client = new S3Client({
      // An endpoint of one's own seldom has a name per bucket.
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: region ?? "us-east-1" }),
      ...(region === undefined ? {} : { region }),
      maxAttempts: 1,
      requestHandler: agents,
    });
  }

  async resolve(_pinned: string | null, signal: AbortSignal): Promise<Resolved> {
    try {
      const listed: { readonly key: string; readonly size: number }[] = [];
      const pages = paginateListObjectsV2({ client: this.client }, { Bucket: this.place.bucket, Prefix: this.prefix });
      for await (const page of pages) {
        signal.throwIfAborted();
        for (const { Key: key = "", Size: size = 0 } of page.Contents ?? []) {
          // A console's folders are empty objects with a slash at the end.
          if (!key.endsWith("/")) listed.push({ key, size });
        }
        if (listed.length > MOST_OBJECTS) throw new SourceFailure("refused", `${this.where()} has more than ${MOST_OBJECTS} objects`);
      }
      const files: ImportFile[] = [];
      for (let at = 0; at < listed.length; at += AT_ONCE) {
        files.push(...(await Promise.all(listed.slice(at, at + AT_ONCE).map(({ key }) => this.pin(key, signal)))));
      }
      files.sort((a, b) => (a.path < b.path ? -1 : 1));
      return { revision: listingDigest(files), files };
    } catch (error) {
      signal.throwIfAborted();
      throw this.failureOf(error, null);
    }
  }

  async open(file: ImportFile, offset: number, _revision: string, signal: AbortSignal): Promise<OpenedFile> {
    const { etag, version } = Mark.parse(JSON.parse(file.mark ?? "null"));
    try {
      const answer = await this.client.send(
        new GetObjectCommand({
          Bucket: this.place.bucket,
          Key: `${this.prefix}${file.path}`,
          IfMatch: etag,
          ...(version === null ? {} : { VersionId: version }),
          ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
        }),
        { abortSignal: signal },
      );
      if (answer.ETag !== undefined && answer.ETag !== etag)
        throw changed(file.path, `its tag is ${plain(answer.ETag)}, listed was ${etag}`);
      if (!(answer.Body instanceof Readable)) throw changed(file.path, "it came without bytes");
      const isPart = answer.ContentRange !== undefined;
      if (isPart && !answer.ContentRange?.startsWith(`bytes ${offset}-`)) {
        answer.Body.destroy();
        throw changed(file.path, `the store answers the range ${plain(answer.ContentRange ?? "")}`);
      }
      return { from: isPart ? offset : 0, stream: answer.Body };
    } catch (error) {
      signal.throwIfAborted();
      throw this.failureOf(error, file.path);
    }
  }

  private async pin(key: string, signal: AbortSignal): Promise<ImportFile> {
    const head = await this.client.send(new HeadObjectCommand({ Bucket: this.place.bucket, Key: key, ChecksumMode: "ENABLED" }), {
      abortSignal: signal,
    });
    const path = key.slice(this.prefix.length);
    if (head.ETag === undefined) throw new SourceFailure("refused", `${path} has no entity tag to pin it by`);
    const version = head.VersionId === undefined || head.VersionId === "null" ? null : head.VersionId;
    const isWhole = head.ChecksumSHA256 !== undefined && head.ChecksumType !== "COMPOSITE" && !head.ChecksumSHA256.includes("-");
    return {
      path,
      sizeBytes: head.ContentLength ?? 0,
      sha256: isWhole ? Buffer.from(head.ChecksumSHA256 ?? "", "base64").toString("hex") : null,
      gitSha1: null,
      mark: JSON.stringify({ etag: head.ETag, version }),
    };
  }

  private failureOf(error: unknown, path: string | null): SourceFailure {
    if (error instanceof SourceFailure) return error;
    const where = path ?? this.where();
    if (!(error instanceof S3ServiceException)) {
      const isUnsigned = error instanceof Error && error.name === "CredentialsProviderError";
      if (isUnsigned) return new SourceFailure("unauthorised", `${this.where()}: the platform's environment has no credentials for S3`);
      return new SourceFailure("unreachable", `${this.where()} does not answer: ${reasonOf(error)}`, { retry: true });
    }
    const status = error.$metadata.httpStatusCode ?? 0;
    const detail = `${this.where()} answers ${status} for ${where}: ${plain(error.name)}: ${plain(error.message)}`;
    if (status === 412 || status === 416) return changed(where, "another object lies there now");
    if (status === 401 || status === 403) return new SourceFailure("unauthorised", detail);
    if (status === 404) return path === null ? new SourceFailure("not_found", detail) : changed(path, "it is gone");
    return new SourceFailure("unreachable", detail, { retry: status === 429 || status >= 500 });
  }

  private where(): string {
    return `s3://${this.place.bucket}/${this.prefix}`;
  }
}
