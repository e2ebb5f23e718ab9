import type { ZodType } from "zod";
import { ApiProblem, problemOf } from "./api-problem.js";
import { readTolerantly } from "./read-tolerantly.js";

type QueryValue = string | number | boolean | readonly string[] | undefined;
export interface GetOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly signal?: AbortSignal;
}
export interface SendOptions {
  readonly signal?: AbortSignal;
  /** One key per intention: the same key sent twice is done once. A fresh one is made when left out. */
  readonly idempotencyKey?: string;
  readonly ifMatch?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** Wire access to the API: session cookie, CSRF token, problem documents, conditional reads. */
export class ApiClient {
  #csrfToken: string | null = null;
  readonly #held = new Map<string, { etag: string; value: unknown }>();

  constructor(private readonly fetch: (url: URL, init: RequestInit) => Promise<Response> = (url, init) => globalThis.fetch(url, init)) {}

  set csrfToken(token: string | null) {
    this.#csrfToken = token;
  }

  /** Forgets every answer: at sign-out, so that the next person sees nothing of it. */
  forget(): void {
    this.#held.clear();
    this.#csrfToken = null;
  }

  /** Reads and checks one answer. Sends the held ETag; a 304 answers from memory. */
  async get<T>(path: string, schema: ZodType<T>, { query, signal }: GetOptions = {}): Promise<T> {
    const url = urlOf(path, query);
    const held = this.#held.get(url.href);
    const response = await this.#call(url, { method: "GET", signal, headers: held ? { "if-none-match": held.etag } : {} });
    if (response.status === 304 && held) return schema.parse(held.value);
    const value = readTolerantly(schema, await json(response));
    const etag = response.headers.get("etag");
    if (etag) this.#held.set(url.href, { etag, value });
    return value;
  }

  /** The ETag held for a path, for If-Match. */
  etagOf(path: string): string | undefined {
    return this.#held.get(urlOf(path).href)?.etag;
  }

  async send<T>(method: Method, path: string, body: unknown, schema: ZodType<T>, options: SendOptions = {}): Promise<T> {
    return readTolerantly(schema, await json(await this.#write(method, path, body, options)));
  }

  /** A call whose answer has no body, or none of interest. */
  async sendOnly(method: Method, path: string, body?: unknown, options: SendOptions = {}): Promise<void> {
    await this.#write(method, path, body, options);
  }

  /** A raw call with the session's headers: uploads, event streams, HEAD. Problems are thrown. */
  raw(path: string, init: RequestInit & { readonly method: string }): Promise<Response> {
    const csrf: Record<string, string> = init.method === "GET" || init.method === "HEAD" ? {} : this.#csrfHeader();
    return this.#call(urlOf(path), { ...init, headers: { ...csrf, ...Object.fromEntries(new Headers(init.headers)) } });
  }

  #write(method: Method, path: string, body: unknown, options: SendOptions): Promise<Response> {
    const headers: Record<string, string> = { ...this.#csrfHeader(), ...options.headers };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (method === "POST") headers["idempotency-key"] = options.idempotencyKey ?? crypto.randomUUID();
    if (options.ifMatch) headers["if-match"] = options.ifMatch;
    const init = { method, headers, signal: options.signal, body: body === undefined ? undefined : JSON.stringify(body) };
    return this.#call(urlOf(path), init);
  }

  #csrfHeader(): Record<string, string> {
    return this.#csrfToken ? { "x-csrf-token": this.#csrfToken } : {};
  }

  async #call(url: URL, init: RequestInit): Promise<Response> {
    const response = await this.fetch(url, { credentials: "same-origin", ...init }).catch((error: unknown) => {
      if (init.signal?.aborted) throw error;
      throw new ApiProblem("unreachable", 0, "", error instanceof Error ? error.message : "", null, []);
    });
    if (!response.ok && response.status !== 304) throw await problemOf(response);
    return response;
  }
}

function urlOf(path: string, query: Readonly<Record<string, QueryValue>> = {}): URL {
  const url = new URL(path, window.location.origin);
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined && one !== "") url.searchParams.append(name, String(one));
  }
  return url;
}

async function json(response: Response): Promise<unknown> {
  if (response.status === 204) return null;
  return response.json().catch(() => {
    throw new ApiProblem("unexpected", response.status, "", "", response.headers.get("x-request-id"), []);
  });
}

/** The one client of the page. */
export const api = new ApiClient();
