import { Readable } from "node:stream";
import type { Headers, Response } from "undici";
import { z } from "zod";
import type { Outgoing } from "../../platform/outgoing/outgoing.js";
import { type Followed, follow } from "./follow.js";
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

const Commit = z.string().regex(/^[0-9a-f]{40}$/);
const Revision = z.object({ sha: Commit });
const Tree = z.array(
  z.object({
    type: z.string(),
    path: z.string().max(4096),
    size: z.number().int().min(0).optional(),
    oid: z.string().max(200).optional(),
    lfs: z.object({ oid: z.string().max(200), size: z.number().int().min(0) }).nullish(),
  }),
);
const MOST_JSON_BYTES = 32 << 20;
const MOST_PAGES = 1000;

/**
 * A Hugging Face-compatible hub, by three calls: a revision's commit, the commit's tree, a file at that commit. Branches and tags are only read
 * once. What the hub says about a file when it hands it out must be what its tree said.
 */
export class HubSource implements ImportSource {
  constructor(
    private readonly outgoing: Pick<Outgoing, "fetch">,
    private readonly endpoint: string,
    private readonly repo: string,
    private readonly revision: string,
    private readonly token: string | null,
  ) {}

  async resolve(pinned: string | null, signal: AbortSignal): Promise<Resolved> {
    const wanted = pinned ?? this.revision;
    const { sha } = await this.json(Revision, `${this.api()}/revision/${encodeURIComponent(wanted)}`, signal);
    if (Commit.safeParse(wanted).success && sha !== wanted) throw changed(this.repo, `commit ${wanted} was asked for and ${sha} answered`);
    const files: ImportFile[] = [];
    let next: string | null = `${this.api()}/tree/${sha}?recursive=true&expand=false`;
    for (let page = 0; next !== null; page += 1) {
      if (page === MOST_PAGES) throw new SourceFailure("refused", `the tree of ${this.repo} has more than ${MOST_PAGES} pages`);
      const url: string = next;
      const { body, headers } = await this.read(url, signal);
      files.push(...this.parse(Tree, body, url).flatMap(fileOf));
      next = nextPage(headers.get("link"), url);
      if (next !== null && new URL(next).origin !== new URL(this.endpoint).origin) {
        throw new SourceFailure("refused", `the tree of ${this.repo} goes on at another host`);
      }
    }
    return { revision: sha, files };
  }

  async open(file: ImportFile, offset: number, revision: string, signal: AbortSignal): Promise<OpenedFile> {
    const url = `${this.endpoint}/${this.repo}/resolve/${revision}/${file.path.split("/").map(encodeURIComponent).join("/")}`;
    const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
    const followed = await follow(this.outgoing, this.endpoint, url, { token: this.token, headers, elsewhere: true, signal });
    const { response } = followed;
    try {
      if (response.status === 416) throw changed(file.path, `it has no byte ${offset} any more`);
      if (!response.ok) throw await this.failureOf(response, file.path);
      checkWords(file, revision, followed);
      const from = response.status === 206 ? offset : 0;
      checkSize(file, from, response);
      if (response.body === null) throw changed(file.path, "it came without bytes");
      return { from, stream: Readable.fromWeb(response.body) };
    } catch (error) {
      await response.body?.cancel().catch(() => undefined);
      throw error;
    }
  }

  private api(): string {
    return `${this.endpoint}/api/models/${this.repo}`;
  }

  private async json<T extends z.ZodType>(shape: T, url: string, signal: AbortSignal): Promise<z.infer<T>> {
    return this.parse(shape, (await this.read(url, signal)).body, url);
  }

  private parse<T extends z.ZodType>(shape: T, body: string, url: string): z.infer<T> {
    const parsed = shape.safeParse(jsonOf(body));
    if (parsed.success) return parsed.data;
    throw new SourceFailure("refused", `${new URL(url).pathname} at ${this.endpoint} does not answer as a hub does`);
  }

  private async read(url: string, signal: AbortSignal): Promise<{ readonly body: string; readonly headers: Headers }> {
    const { response } = await follow(this.outgoing, this.endpoint, url, { token: this.token, elsewhere: false, signal });
    if (!response.ok) throw await this.failureOf(response, this.repo);
    try {
      return { body: await textOf(response, MOST_JSON_BYTES), headers: response.headers };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SourceFailure) throw error;
      throw new SourceFailure("unreachable", `${this.endpoint} broke off: ${reasonOf(error)}`, { retry: true });
    }
  }

  /** What the hub says in its own words: in a header, else in the body. */
  private async failureOf(response: Response, what: string): Promise<SourceFailure> {
    const said = response.headers.get("x-error-message") ?? messageOf(await textOf(response, 65_536).catch(() => ""));
    const words = plain(said || response.statusText || "no reason given");
    const detail = `${this.endpoint} answers ${response.status} for ${what}: ${words}`;
    const { status } = response;
    if (status === 401 || status === 403) return new SourceFailure("unauthorised", detail);
    if (status === 404 || status === 410) return new SourceFailure("not_found", detail);
    const retry = status === 408 || status === 429 || status >= 500;
    const afterSeconds = waitOf(response.headers);
    return new SourceFailure("unreachable", detail, { retry, ...(afterSeconds === null ? {} : { afterSeconds }) });
  }
}

function fileOf({ type, path, size, oid, lfs }: z.infer<typeof Tree>[number]): ImportFile[] {
  if (type !== "file") return [];
  const sha256 = lfs?.oid.replace(/^sha256:/, "") ?? null;
  return [
    {
      path,
      sizeBytes: lfs?.size ?? size ?? 0,
      sha256: sha256 !== null && SHA256.test(sha256) ? sha256 : null,
      gitSha1: lfs == null && oid !== undefined && SHA1.test(oid) ? oid : null,
      mark: null,
    },
  ];
}

const SHA256 = /^[0-9a-f]{64}$/;
const SHA1 = /^[0-9a-f]{40}$/;

/** The commit and the digest that the hub names with the file. What it does not name is found out by hashing. */
function checkWords(file: ImportFile, revision: string, { response, first }: Followed): void {
  const commit = first.get("x-repo-commit") ?? response.headers.get("x-repo-commit");
  if (commit !== null && commit !== revision) throw changed(file.path, `the hub hands out commit ${plain(commit)} instead of ${revision}`);
  const tag = (first.get("x-linked-etag") ?? first.get("etag") ?? "").replace(/^W\//, "").replace(/^"|"$/g, "");
  const expected = SHA256.test(tag) ? file.sha256 : SHA1.test(tag) ? file.gitSha1 : null;
  if (expected !== null && tag !== expected) throw changed(file.path, `its digest is ${tag}, listed was ${expected}`);
  const size = first.get("x-linked-size");
  if (size !== null && Number(size) !== file.sizeBytes)
    throw changed(file.path, `it has ${plain(size)} bytes, listed were ${file.sizeBytes}`);
}

function checkSize(file: ImportFile, from: number, response: Response): void {
  const range = response.headers.get("content-range");
  const total = range === null ? null : Number(/^bytes (\d+)-\d+\/(\d+)$/.exec(range)?.[2]);
  const begins = range === null ? null : Number(/^bytes (\d+)-/.exec(range)?.[1]);
  if (response.status === 206 && (begins !== from || total !== file.sizeBytes)) {
    throw changed(file.path, `the hub answers the range ${plain(range ?? "none")}, listed were ${file.sizeBytes} bytes`);
  }
  const length = response.headers.get("content-length");
  if (length !== null && Number(length) !== file.sizeBytes - from) {
    throw changed(file.path, `${plain(length)} bytes follow, ${file.sizeBytes - from} were expected`);
  }
}

/** `Link: <url>; rel="next"`. */
function nextPage(link: string | null, base: string): string | null {
  const found = link?.split(/,\s*(?=<)/).find((part) => /;\s*rel="?next"?/.test(part));
  const address = /^\s*<([^>]*)>/.exec(found ?? "")?.[1];
  return address === undefined ? null : new URL(address, base).href;
}

/** Seconds to wait: `Retry-After`, or the reset of the IETF `RateLimit` header. */
function waitOf(headers: Headers): number | null {
  const seconds = Number(headers.get("retry-after") ?? /;t=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 300) : null;
}

function messageOf(body: string): string {
  const parsed = z.object({ error: z.string() }).safeParse(jsonOf(body));
  return parsed.success ? parsed.data.error : "";
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** A whole body, of a size that fits into memory. */
async function textOf(response: Response, most: number): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of Readable.fromWeb(response.body)) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("A body is bytes.");
    size += chunk.length;
    if (size > most) throw new SourceFailure("refused", `an answer is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
