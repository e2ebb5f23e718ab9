import { expect } from "vitest";
import { type Answer, type Client, startPlatform, type TestPlatform } from "./harness.js";

export const SCIM = "/scim/v2";
export const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
export const GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

export const user = (userName: string, more: object = {}) => ({ schemas: [USER], userName, ...more });
export const patch = (...Operations: object[]) => ({ schemas: [PATCH], Operations });
export const at = (id: string) => `${SCIM}/Users/${id}`;
export const find = (client: Client, filter: string, more = "") => client.get(`${SCIM}/Users?filter=${encodeURIComponent(filter)}${more}`);

/** A bank with a directory, and another institution that must notice nothing of it. */
export interface Directory {
  readonly platform: TestPlatform;
  readonly bank: Client;
  readonly other: Client;
  /** An address that nobody has. */
  address(): string;
  joined(more?: object, client?: Client): Promise<{ readonly id: string; readonly userName: string; readonly answer: Answer }>;
  /** A member who signs in with a password and has a token, as the directory finds them. */
  member(): Promise<{ readonly email: string; readonly client: Client; readonly id: string }>;
}

export async function aDirectory(): Promise<Directory> {
  const platform = await startPlatform();
  for (const slug of ["bank", "other"]) await platform.addInstitution(slug);
  const bank = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
  const other = await platform.addPerson("other", "boss@other.example", "institution_admin");
  let people = 0;
  const address = (): string => `person-${++people}@bank.example`;
  return {
    platform,
    bank,
    other,
    address,
    async joined(more = {}, client = bank) {
      const userName = address();
      const answer = await client.post(`${SCIM}/Users`, user(userName, more));
      expect(answer.status, answer.text).toBe(201);
      return { id: answer.body.id, userName, answer };
    },
    async member() {
      const email = address();
      const client = await platform.addPerson("bank", email, "institution_member");
      return { email, client, id: client.viewer.userId };
    },
  };
}
