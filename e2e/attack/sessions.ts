import { paths } from "@ziggurat/contracts";
import { difference, masked } from "./compare.js";
import type { Marks } from "./contents.js";
import type { Database } from "./database.js";
import type { Found } from "./live.js";
import type { Operation } from "./open-api.js";
import type { Request } from "./request.js";
import type { Bank } from "./scene.js";
import { json, PASSWORD } from "./seed/people.js";
import { send } from "./send.js";
import { slotsOf } from "./slots.js";

/** Cookies and CSRF tokens of the neighbour's, whole, bent and mixed with one's own; headers by which something else might be believed. */
export async function attackSessions(
  url: string,
  database: Database,
  operations: readonly Operation[],
  own: Bank,
  theirs: Bank,
  marks: Marks,
): Promise<Found> {
  const mine = await opened(url, own);
  const other = await opened(url, theirs);
  const ids = await database.texts("select id from sessions where institution_id = $1", [theirs.id]);
  const hashes = await database.texts("select secret_hash from sessions where institution_id = $1", [theirs.id]);
  const leaks: string[] = [];
  let probes = 0;
  const alike = async (what: string, theirsToo: Request, absent: Request, token: string | null = null): Promise<void> => {
    probes += 1;
    const [one, two] = [await send(url, theirsToo, token), await send(url, absent, token)];
    const clean = (answer: typeof one, request: Request) => masked(answer, request.path, [], false);
    const differs = difference(clean(one, theirsToo), clean(two, absent), ["for theirs", "for made-up"]);
    const says = marks.find(one.body);
    if (differs !== null || says !== null) leaks.push(`LEAK ${what}: ${differs ?? ""} ${says ?? ""}`);
  };
  const me = (headers: Readonly<Record<string, string>>): Request => json("GET", paths.me(), undefined, headers);
  const change = (headers: Readonly<Record<string, string>>): Request =>
    json("POST", paths.tokens(), { name: "x", scopes: ["models:read"] }, headers);
  const cookie = (value: string) => ({ cookie: `zig_session=${value}` });
  const none = "0".repeat(64);

  // A cookie bent at any place opens nothing, and is answered as one that was never given out.
  for (let at = 0; at < other.secret.length; at += 3) {
    const bent = other.secret.slice(0, at) + (other.secret[at] === "0" ? "1" : "0") + other.secret.slice(at + 1);
    await alike(`a session cookie bent at ${at}`, me(cookie(bent)), me(cookie(none)));
  }
  for (const [what, value] of [
    ["cut short", other.secret.slice(0, -1)],
    ["run on", `${other.secret}0`],
    ["in capitals", other.secret.toUpperCase()],
    ["that is a CSRF token", other.csrfToken],
    ...ids.map((id) => ["that is the id of a session", id] as const),
    ...hashes.map((hash) => ["that is the digest of a session", hash] as const),
  ] as const) {
    await alike(`a session cookie ${what}`, me(cookie(value)), me(cookie(none)));
  }
  // Their CSRF token is worth what a made-up one is, and one's own is worth nothing with their session.
  await alike(
    "a CSRF token of the neighbour's",
    change({ ...cookie(mine.secret), "x-csrf-token": other.csrfToken }),
    change({ ...cookie(mine.secret), "x-csrf-token": none }),
  );
  const crossed = await send(url, change({ ...cookie(other.secret), "x-csrf-token": mine.csrfToken }), null);
  probes += 1;
  if (crossed.status !== 403) leaks.push(`LEAK the neighbour's session takes one's own CSRF token: ${crossed.status}`);
  // A token says who asks, whatever cookie comes with it; and no header says otherwise.
  const [person] = own.people;
  const plainMe = me({});
  await alike("the neighbour's cookie beside one's own token", me(cookie(other.secret)), plainMe, person?.token ?? null);
  for (const operation of operations.filter(
    (one) => one.method === "GET" && !one.isPublic && slotsOf(one).every((slot) => slot.in !== "path"),
  )) {
    // What is noted as read, or reckoned anew with every reading, is another answer each time.
    if (operation.path.endsWith("/events") || /export|verify/.test(operation.path)) continue;
    for (const [name, value] of tricks(theirs)) {
      const request = (sent: string): Request => json("GET", withRequired(operation), undefined, { [name]: sent });
      await alike(
        `${operation.path} with ${name}`,
        request(value),
        request(value.replaceAll(theirs.slug, "nowherebk").replaceAll(theirs.id, `ins_${"f".repeat(32)}`)),
        person?.token ?? null,
      );
    }
  }
  return { probes, leaks };
}

/** By which some servers in front of others, or frameworks, are told whom or what a request is about. */
const tricks = ({ slug, id, people }: Bank): readonly (readonly [string, string])[] => [
  ["host", `${slug}.ziggurat.example`],
  ["x-forwarded-host", `${slug}.ziggurat.example`],
  ["x-forwarded-for", "127.0.0.1"],
  ["x-original-url", paths.institution(slug)],
  ["x-rewrite-url", paths.members(slug)],
  ["x-tenant-id", id],
  ["x-forwarded-user", people[0]?.email ?? ""],
];

function withRequired({ path, parameters }: Operation): string {
  const query = parameters.flatMap(({ in: place, name, required, schema }) =>
    place === "query" && required ? [`${name}=${schema.enum?.[0] ?? "x"}`] : [],
  );
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}

/** A member's: the administrator has a passkey, and is asked for it. */
async function opened(url: string, bank: Bank): Promise<{ readonly secret: string; readonly csrfToken: string }> {
  const email = bank.people[1]?.email;
  const answer = await send(url, json("POST", paths.login(), { email, password: PASSWORD }), null);
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.body}`);
  const header = answer.headers.find(([name]) => name === "set-cookie")?.[1] ?? "";
  return { secret: header.split(";")[0]?.split("=")[1] ?? "", csrfToken: JSON.parse(answer.body).csrfToken };
}
