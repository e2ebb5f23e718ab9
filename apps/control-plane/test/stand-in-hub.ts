import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A repository's state at one commit. `lfs` files are named by SHA-256, the others by Git's own digest. */
export type Commit = Readonly<Record<string, { readonly bytes: Buffer; readonly lfs?: boolean }>>;

export interface Behaviour {
  /** Bytes after which the connection of a file's download is cut, as often as `cuts` says. */
  cutAfter: number;
  cuts: number;
  /** Only downloads of this file are cut; null: of any. */
  cutPath: string | null;
  /** Milliseconds before each piece of a download. */
  slow: number;
  /** Answered instead of anything under this path's end. */
  refuse: { readonly status: number; readonly message: string } | null;
  /** Changes what a download hands out, without changing what the tree says. */
  tamper: ((path: string, bytes: Buffer) => Buffer) | null;
  /** Sends bytes of LFS files from this origin instead. */
  elsewhere: string | null;
  /** Extra entries of the tree. */
  extra: readonly Readonly<Record<string, unknown>>[];
  ignoresRange: boolean;
}

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface StandInHub {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly behaviour: Behaviour;
  /** Makes a commit and moves the branch `main` to it; answers its id. */
  push(commit: Commit): string;
  close(): Promise<void>;
}

const digest = (algorithm: "sha1" | "sha256", ...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest("hex");
const gitSha1 = (bytes: Buffer) => digest("sha1", `blob ${bytes.length}\0`, bytes);
const PIECE = 64 * 1024;
const PAGE = 2;

/** Answers the reading calls of a model hub for one repository, `org/model`: revisions, trees in pages, files with ranges. */
export async function standInHub(): Promise<StandInHub> {
  const commits = new Map<string, Commit>();
  let main = "";
  const asked: Asked[] = [];
  const behaviour: Behaviour = {
    cutAfter: 0,
    cuts: 0,
    cutPath: null,
    slow: 0,
    refuse: null,
    tamper: null,
    elsewhere: null,
    extra: [],
    ignoresRange: false,
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://hub");
    asked.push({ path: pathname, range: request.headers.range, authorization: request.headers.authorization });
    if (behaviour.refuse !== null) return problem(response, behaviour.refuse.status, behaviour.refuse.message);
    const api = /^\/api\/models\/org\/model\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const file = /^\/org\/model\/(resolve|cdn)\/([^/]+)\/(.+)$/.exec(pathname);
    const revision = decodeURIComponent(api?.[2] ?? file?.[2] ?? "");
    // The delivery side knows bytes only, whatever commit they are asked for by.
    const commit = revision === "main" || file?.[1] === "cdn" ? main : revision;
    const files = commits.get(commit);
    if (api === null && file === null) return problem(response, 404, "Repository not found", "RepoNotFound");
    if (files === undefined) return problem(response, 404, `Invalid rev id: ${revision}`, "RevisionNotFound");
    if (api?.[1] === "revision")
      return json(response, { id: "org/model", sha: commit, siblings: Object.keys(files).map((rfilename) => ({ rfilename })) });
    if (api?.[1] === "tree") return tree(response, files, Number(searchParams.get("cursor") ?? 0), pathname);
    const path = decodeURIComponent(file?.[3] ?? "");
    const found = files[path];
    if (found === undefined) return problem(response, 404, `Entry ${path} not found`, "EntryNotFound");
    if (file?.[1] === "resolve" && found.lfs === true && behaviour.elsewhere !== null) {
      response.writeHead(302, {
        location: `${behaviour.elsewhere}/org/model/cdn/${commit}/${path}`,
        "x-repo-commit": commit,
        "x-linked-etag": `"${digest("sha256", found.bytes)}"`,
        "x-linked-size": String(found.bytes.length),
      });
      return response.end();
    }
    void send(request, response, path, found, file?.[1] === "cdn" ? null : commit);
  });

  function tree(response: ServerResponse, files: Commit, from: number, path: string): void {
    const entries = Object.entries(files).map(([name, { bytes, lfs }]) =>
      lfs === true
        ? {
            type: "file",
            path: name,
            size: bytes.length,
            oid: "f".repeat(40),
            lfs: { oid: digest("sha256", bytes), size: bytes.length, pointerSize: 130 },
          }
        : { type: "file", path: name, size: bytes.length, oid: gitSha1(bytes) },
    );
    const all = [{ type: "directory", path: "folder", oid: "0".repeat(40) }, ...entries, ...behaviour.extra];
    const next = from + PAGE;
    if (next < all.length) response.setHeader("link", `<${path}?recursive=true&cursor=${next}>; rel="next"`);
    json(response, all.slice(from, next));
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    { bytes, lfs }: Commit[string],
    commit: string | null,
  ): Promise<void> {
    const body = behaviour.tamper?.(path, bytes) ?? bytes;
    const start = behaviour.ignoresRange ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const etag = lfs === true ? digest("sha256", bytes) : gitSha1(bytes);
    response.writeHead(start > 0 ? 206 : 200, {
      ...(commit === null ? {} : { "x-repo-commit": commit, etag: `"${etag}"` }),
      "accept-ranges": "bytes",
      "content-length": String(body.length - start),
      ...(start > 0 ? { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
    });
    const cut = behaviour.cuts > 0 && (behaviour.cutPath ?? path) === path && body.length - start > behaviour.cutAfter;
    if (cut) behaviour.cuts -= 1;
    const end = cut ? start + behaviour.cutAfter : body.length;
    for (let at = start; at < end && !response.destroyed; at += PIECE) {
      if (behaviour.slow > 0) await new Promise((resolve) => setTimeout(resolve, behaviour.slow));
      response.write(body.subarray(at, Math.min(at + PIECE, end)));
    }
    // Cut once everything before has left this process: on a busy machine, time alone would drop bytes the test counts on.
    if (cut) response.write("", () => setTimeout(() => response.destroy(), 20));
    else response.end();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    behaviour,
    push(commit) {
      main = digest(
        "sha1",
        JSON.stringify(Object.entries(commit).map(([path, { bytes }]) => [path, gitSha1(bytes)])),
        String(commits.size),
      );
      commits.set(main, commit);
      return main;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, message: string, code = "Refused"): void {
  response.writeHead(status, { "content-type": "application/json", "x-error-code": code, "x-error-message": message });
  response.end(JSON.stringify({ error: message }));
}
