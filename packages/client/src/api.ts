import { randomUUID } from "node:crypto";
import { LoginAnswer, type Page, Problem, paths } from "@ziggurat/contracts";
import { ApiProblem } from "./api-problem.js";

/** What an answer is read with: any contract schema. */
export interface Shape<T> {
  parse(value: unknown): T;
}

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** One signed-in person at the public API: a session cookie, and its CSRF token on every unsafe call. */
export class Api {
  private constructor(
    private readonly origin: string,
    private readonly cookie: string,
    private readonly csrfToken: string,
  ) {}

  /** Signs in. Throws {@link ApiProblem} when email and password do not fit. */
  static async signIn(origin: string, email: string, password: string): Promise<Api> {
    const stranger = new Api(origin, "", "");
    const response = await stranger.send({
      method: "POST",
      path: paths.login(),
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    const cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ");
    return new Api(origin, cookie, LoginAnswer.parse(await response.json()).csrfToken);
  }

  async get<T>(shape: Shape<T>, path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await this.send({ method: "GET", path, query });
    return shape.parse(await response.json());
  }

  /** Everything a list holds, page by page as it is asked for. */
  async *all<T>(shape: Shape<Page<T>>, path: string): AsyncGenerator<T> {
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Page<T> = await this.get(shape, path, { limit: "200", ...(cursor === "" ? {} : { cursor }) });
      yield* page.data;
      cursor = page.nextCursor;
    }
  }

  /** One resource and its entity tag, for a change that must not overwrite somebody else's. */
  async read<T>(shape: Shape<T>, path: string): Promise<{ value: T; etag: string | null }> {
    const response = await this.send({ method: "GET", path });
    return { value: shape.parse(await response.json()), etag: response.headers.get("etag") };
  }

  /** Creates or acts; every call carries its own idempotency key. */
  async post<T>(shape: Shape<T>, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.write("POST", shape, path, body, { "idempotency-key": randomUUID(), ...headers });
  }

  async put<T>(shape: Shape<T>, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return this.write("PUT", shape, path, body, headers);
  }

  /** Sends one call and returns the answer when it succeeded; refusals are thrown as {@link ApiProblem}. */
  async send(call: Call): Promise<Response> {
    const url = new URL(call.path, this.origin);
    for (const [key, value] of Object.entries(call.query ?? {})) url.searchParams.set(key, value);
    const response = await fetch(url, {
      method: call.method,
      headers: {
        accept: "application/json",
        ...(this.cookie === "" ? {} : { cookie: this.cookie, "x-csrf-token": this.csrfToken }),
        ...call.headers,
      },
      body: call.body ?? null,
    });
    if (!response.ok) throw new ApiProblem(`${call.method} ${call.path}`, await problemOf(response));
    return response;
  }

  private async write<T>(
    method: Method,
    shape: Shape<T>,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<T> {
    const response = await this.send({
      method,
      path,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return shape.parse(await response.json());
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  const parsed = Problem.safeParse(text === "" ? null : parseJson(text));
  if (parsed.success) return parsed.data;
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: text.slice(0, 500),
    instance: response.url,
    code: "unknown",
    requestId: response.headers.get("x-request-id") ?? "unknown",
    errors: [],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
