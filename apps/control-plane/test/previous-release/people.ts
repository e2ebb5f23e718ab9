import { type CreatedToken, type Me, paths, SCOPES } from "@ziggurat/contracts";
import type { Viewer } from "../../src/platform/database/viewer.js";
import { type Client, clientOf, send } from "../harness.js";

/** Everybody in the previous release's data directory, with the password they sign in with. None of this opens anything else. */
export const people = {
  admin: { institution: "platform", email: "admin@platform.example", password: "admin-password-1", roles: ["platform_admin"] },
  engineer: { institution: "platform", email: "engineer@platform.example", password: "engineer-password-1", roles: ["platform_engineer"] },
  northAdmin: { institution: "northbank", email: "admin@north.example", password: "north-admin-1", roles: ["institution_admin"] },
  northSecond: { institution: "northbank", email: "second@north.example", password: "north-second-1", roles: ["institution_admin"] },
  northMember: { institution: "northbank", email: "member@north.example", password: "north-member-1", roles: ["institution_member"] },
  northReviewer: {
    institution: "northbank",
    email: "reviewer@north.example",
    password: "north-reviewer-1",
    roles: ["compliance_reviewer"],
  },
  southAdmin: { institution: "southbank", email: "admin@south.example", password: "south-admin-1", roles: ["institution_admin"] },
  southMember: { institution: "southbank", email: "member@south.example", password: "south-member-1", roles: ["institution_member"] },
} as const;
export type Person = keyof typeof people;
export const PEOPLE = Object.keys(people) as readonly Person[];

/** Under which the previous release encrypted the platform's private keys: this one must be able to open them. */
export const SECRET_KEY = "of the previous release's data directory";

/** Somebody signed in with a password. */
export interface Session {
  readonly me: Me;
  readonly headers: Readonly<Record<string, string>>;
}

export function signIn(url: string, person: Person): Promise<Session> {
  return signInAs(url, people[person]);
}

export async function signInAs(url: string, { email, password }: { readonly email: string; readonly password: string }): Promise<Session> {
  const answer = await send(url, "POST", paths.login(), { email, password });
  if (answer.status !== 200) throw new Error(`${email} cannot sign in: ${answer.text}`);
  const headers = { cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "", "x-csrf-token": answer.body.csrfToken };
  return { me: (await send(url, "GET", paths.me(), undefined, headers)).body, headers };
}

/** A token of all that somebody may do, lasting as long as a token may. */
export async function makeToken(url: string, { me, headers }: Session): Promise<CreatedToken> {
  const scopes = SCOPES.filter((scope) => me.scopes.includes(scope));
  const answer = await send(url, "POST", paths.tokens(), { name: `of ${me.name}`, scopes }, headers);
  if (answer.status !== 201) throw new Error(`no token for ${me.name}: ${answer.text}`);
  return answer.body;
}

/** Somebody with a token they have. */
export async function withToken(url: string, secret: string): Promise<Client> {
  const me: Me = (await send(url, "GET", paths.me(), undefined, { authorization: `Bearer ${secret}` })).body;
  const viewer: Viewer = {
    userId: me.id,
    name: me.name,
    institutionId: "",
    institutionSlug: me.institution.slug,
    roles: me.roles,
    scopes: me.scopes,
    reach: me.institution.slug === "platform" ? "platform" : "tenant",
    requestId: null,
  };
  return clientOf(url, secret, viewer);
}
