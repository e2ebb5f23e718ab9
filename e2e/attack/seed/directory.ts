import type { Database } from "../database.js";
import { newIdLike } from "./new-id.js";
import { ask, type Person } from "./people.js";

const CORE = "urn:ietf:params:scim:schemas:core:2.0";

/** Somebody whom the institution's directory sends, a group of theirs that gives a role, and a passkey of the administrator's. */
export async function sendDirectory(admin: Person, database: Database, slug: string, word: string): Promise<void> {
  const person = await ask(admin, "POST", "/scim/v2/Users", {
    schemas: [`${CORE}:User`],
    userName: `${word}-joiner@${slug}.example`,
    displayName: `${word} joiner`,
    externalId: `${word}-joiner`,
  });
  const group = await ask(admin, "POST", "/scim/v2/Groups", {
    schemas: [`${CORE}:Group`],
    displayName: `${word} people`,
    externalId: `${word}-people`,
    members: [{ value: person.id }],
  });
  await ask(admin, "PUT", `/api/v1/institutions/${slug}/scim/groups/${group.id}`, { roles: ["auditor"] });
  await database.rows(
    `insert into passkeys (id, user_id, institution_id, credential_id, public_key, counter, transports, name, is_synced)
     select $1, id, institution_id, $2, '\\x00', 0, '{}', $3, false from users where email = $4`,
    [newIdLike("pky", word), Buffer.from(`credential of ${word}`).toString("base64url"), `${word} key`, admin.email],
  );
}
