import { paths, type Role } from "@ziggurat/contracts";
import { send } from "../send.js";

/** Somebody with a token of all they may do. */
export interface Person {
  readonly url: string;
  readonly institution: string;
  readonly role: string;
  readonly email: string;
  readonly token: string;
}

/** Everyone's. */
export const PASSWORD = "a long enough password";

/** Signs in and makes a token; its scopes are all that the roles give. */
export async function signIn(url: string, email: string, password = PASSWORD): Promise<Person> {
  const login = await send(url, json("POST", paths.login(), { email, password }), null);
  if (login.status !== 200) throw new Error(`${email} cannot sign in: ${login.body}`);
  const cookie = login.headers.find(([name]) => name === "set-cookie")?.[1].split(";")[0] ?? "";
  const headers = { cookie, "x-csrf-token": JSON.parse(login.body).csrfToken };
  const me = JSON.parse((await send(url, json("GET", paths.me(), undefined, headers), null)).body);
  const made = await send(url, json("POST", paths.tokens(), { name: `token of ${email}`, scopes: me.scopes }, headers), null);
  if (made.status !== 201) throw new Error(`no token for ${email}: ${made.body}`);
  return { url, institution: me.institution.slug, role: me.roles.join(" and "), email, token: JSON.parse(made.body).secret };
}

/** Adds a member with one role and signs them in. */
export async function addPerson(admin: Person, institution: string, name: string, role: Role): Promise<Person> {
  const email = `${name}@${institution}.example`;
  await ask(admin, "POST", paths.members(institution), {
    email,
    name,
    roles: [role],
    password: PASSWORD,
    ...(role === "platform_engineer" ? { tiers: ["foundation", "finance"] } : {}),
  });
  return signIn(admin.url, email);
}

/** Does something that must succeed; answers what came of it. Typed loosely: the seed knows what it asked for. */
export async function ask(
  person: Person,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
): Promise<any> {
  const answer = await send(person.url, json(method, path, body, headers), person.token);
  if (answer.status >= 300) throw new Error(`${method} ${path} by ${person.email}: ${answer.status} ${answer.body}`);
  return answer.body === "" || !/json/.test(answer.headers.find(([name]) => name === "content-type")?.[1] ?? "")
    ? null
    : JSON.parse(answer.body);
}

export function json(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  if (body === undefined) return { method, path, headers, body: null };
  const isText = typeof body === "string";
  return {
    method,
    path,
    headers: { "content-type": isText ? "application/octet-stream" : "application/json", ...headers },
    body: isText ? body : JSON.stringify(body),
  };
}
