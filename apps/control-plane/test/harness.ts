import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CreatedToken, paths, type Role, SCOPES, type Scope } from "@ziggurat/contracts";
import { type Config, readConfig } from "../src/platform/config.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../src/platform/database/ids.js";
import { UnitOfWork } from "../src/platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../src/platform/database/viewer.js";
import { type StartedPlatform, startPlatform as start } from "../src/start-platform.js";
import { type FreshDatabase, freshDatabase } from "./fresh-database.js";

const ADMIN = { email: "admin@ziggurat.example", password: "correct horse battery" };
/** Password of everyone the harness adds. */
const PASSWORD = "a long enough password";

/** Somebody signed in, who speaks to the platform as any client does. */
export interface Client {
  readonly url: string;
  readonly viewer: Viewer;
  /** Headers that carry this person's token. */
  readonly headers: Readonly<Record<string, string>>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  patch(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  delete(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or null where the answer is none. Typed loosely on purpose: tests say what they expect. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare parts of answers with what they expect
  readonly body: any;
  readonly text: string;
}

export interface TestPlatform {
  readonly url: string;
  readonly config: Config;
  readonly database: FreshDatabase;
  readonly dataDir: string;
  /** The application, for services that have no route. */
  readonly app: StartedPlatform["app"];
  /** Lines the platform said to whoever started it. */
  readonly announced: readonly string[];
  /** The first administrator, by token. */
  readonly admin: Client;
  /** Adds an institution and answers its id. */
  addInstitution(slug: string, name?: string): Promise<string>;
  /** Adds a member to an institution (`platform` for platform people) and answers them with a token of all they may do. */
  addPerson(institution: string, email: string, ...roles: readonly Role[]): Promise<Client>;
  /** A client of someone added before; fewer scopes where given. */
  as(email: string, scopes?: readonly Scope[], institution?: string): Promise<Client>;
  /** Signs in with a password; the answer carries cookie and CSRF token. */
  signIn(
    email: string,
    password?: string,
    institution?: string,
  ): Promise<{ readonly cookie: string; readonly csrfToken: string; readonly status: number }>;
  close(): Promise<void>;
}

/**
 * The real application on a database of its own and a temporary data directory. Without `role: "all"` only the HTTP role runs:
 * no queue handler, no loop. Takes about half a second; call it in
 * `beforeAll` and `close()` in `afterAll`.
 */
export async function startPlatform(
  options: { readonly role?: "all" | "http"; readonly env?: Readonly<Record<string, string>>; readonly database?: FreshDatabase } = {},
): Promise<TestPlatform> {
  const database = options.database ?? (await freshDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), "ziggurat-data-"));
  mkdirSync(join(dataDir, "blobs"), { recursive: true });
  const config = readConfig(
    {
      ZIGGURAT_ROLE: options.role ?? "http",
      ZIGGURAT_DATA_DIR: dataDir,
      ZIGGURAT_PORT: "0",
      ZIGGURAT_ADMIN_EMAIL: ADMIN.email,
      ZIGGURAT_ADMIN_PASSWORD: ADMIN.password,
      ...options.env,
    },
    [],
    dataDir,
  );
  const announced: string[] = [];
  const platform = await start(
    config,
    { appUrl: database.appUrl, queueUrl: database.appUrl },
    { announce: (line) => announced.push(line) },
  );
  const url = platform.url ?? "";
  const passwords = new Map<string, string>([[ADMIN.email, ADMIN.password]]);

  const signIn: TestPlatform["signIn"] = async (email, password = passwords.get(email) ?? PASSWORD, institution) => {
    const response = await fetch(url + paths.login(), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password, institution }),
    });
    const body: { csrfToken?: string } = JSON.parse(await response.text());
    return { cookie: response.headers.get("set-cookie")?.split(";")[0] ?? "", csrfToken: body.csrfToken ?? "", status: response.status };
  };

  const as: TestPlatform["as"] = async (email, scopes, institution) => {
    const session = await signIn(email, undefined, institution);
    const cookieHeaders = { cookie: session.cookie, "x-csrf-token": session.csrfToken };
    const me = (await send(url, "GET", paths.me(), undefined, cookieHeaders)).body;
    const made = await send(
      url,
      "POST",
      paths.tokens(),
      { name: `token of ${email}`, scopes: scopes ?? SCOPES.filter((scope) => me.scopes.includes(scope)) },
      cookieHeaders,
    );
    if (made.status !== 201) throw new Error(`no token for ${email}: ${made.text}`);
    const token: CreatedToken = made.body;
    return clientOf(url, token.secret, {
      userId: me.id,
      name: me.name,
      institutionId: await institutionId(platform, me.institution.slug),
      institutionSlug: me.institution.slug,
      roles: me.roles,
      scopes: scopes ?? me.scopes,
      reach: me.institution.slug === PLATFORM_SLUG ? "platform" : "tenant",
      requestId: null,
    });
  };

  const admin = await as(ADMIN.email);
  return {
    url,
    config,
    database,
    dataDir,
    app: platform.app,
    announced,
    admin,
    async addInstitution(slug, name = slug) {
      const answer = await admin.post(paths.institutions(), { slug, name });
      if (answer.status !== 201) throw new Error(`no institution ${slug}: ${answer.text}`);
      return answer.body.id;
    },
    async addPerson(institution, email, ...roles) {
      const answer = await admin.post(paths.members(institution), {
        email,
        name: email.split("@")[0],
        roles,
        password: PASSWORD,
        ...(roles.includes("platform_engineer") ? { tiers: ["foundation", "finance"] } : {}),
      });
      if (answer.status !== 201) throw new Error(`no member ${email}: ${answer.text}`);
      passwords.set(email, PASSWORD);
      // One address may be known in several institutions, with one password.
      return as(email, undefined, institution);
    },
    as,
    signIn,
    async close() {
      await platform.close();
      if (options.database === undefined) await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Somebody who speaks with this token. */
export function clientOf(url: string, secret: string, viewer: Viewer): Client {
  const headers = { authorization: `Bearer ${secret}` };
  const call =
    (method: string) =>
    (path: string, body?: unknown, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      send(url, method, path, body, { ...headers, ...more });
  return {
    url,
    viewer,
    headers,
    get: (path, more) => call("GET")(path, undefined, more),
    post: call("POST"),
    patch: call("PATCH"),
    put: call("PUT"),
    delete: (path, more) => call("DELETE")(path, undefined, more),
  };
}

/** One request; bodies are JSON unless they are bytes or text. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const raw = body instanceof Uint8Array || typeof body === "string";
  const response = await fetch(url + path, {
    method,
    redirect: "manual",
    headers: { ...(body === undefined ? {} : { "content-type": raw ? "application/octet-stream" : "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json(;|$)/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson && text !== "" ? JSON.parse(text) : null };
}

/** Runs one statement past every policy, to look at what the platform wrote. */
export function asSystem<Row>(platform: Pick<TestPlatform, "app">, sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
  return platform.app.get(UnitOfWork).run(systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test"), (tx) => tx.query<Row>(sql, parameters));
}

async function institutionId(platform: StartedPlatform, slug: string): Promise<string> {
  const [row] = await asSystem<{ id: string }>(platform, "select id from institutions where slug = $1", [slug]);
  return row?.id ?? newId("institution");
}
