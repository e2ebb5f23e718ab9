import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codes, start } from "../../test/exit-fixtures.js";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

const SCIM = "/scim/v2";
const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const ADA = { sub: "ada", email: "ada@north.example", groups: [] };

let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
let person: string;
let role: string;
beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer } });
  await platform.addInstitution("northbank");
  admin = await platform.addPerson("northbank", "admin@north.example", "institution_admin");
  const { issuer, client } = op;
  const provider = { kind: "oidc", name: "North sign-on", issuer, clientId: client.id, clientSecret: client.secret, mapping: [] };
  const made = await admin.post(paths.identityProviders("northbank"), provider);
  providerId = made.body.id;
  op.serve(made.body.ours.callbackUrl, made.body.ours.logoutUrl);
  expect(await enter(ADA)).toBe("/models");
  person = (await admin.post(`${SCIM}/Users`, { schemas: [USER], userName: "sent@north.example" })).body.id;
  role = (await admin.post(paths.roles("northbank"), { name: "readers", description: "", scopes: ["models:read"] })).body.id;
  expect([person, role]).toEqual([expect.any(String), expect.any(String)]);
  expect((await start(admin)).status).toBe(200);
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});

/** Where somebody ends who signs in through the provider. */
function enter(account: OpenIdProvider["account"]): Promise<string> {
  op.account = account;
  return new Walker(platform.url).walk(paths.signInStart("oidc", providerId, "/models"));
}

describe("an institution that leaves", () => {
  it("lets its members in through their provider, and makes nobody a member who comes that way", async () => {
    expect(await enter(ADA)).toBe("/models");
    expect(await enter({ sub: "new", email: "new@north.example" })).toContain("refused=institution_leaving");
    expect(await asSystem(platform, "select 1 from users where email = 'new@north.example'")).toEqual([]);
    // Whatever code tries, with whatever reach.
    await expect(
      asSystem(platform, "insert into users (id, institution_id, email, name, roles) values ('usr_x', $1, 'x@x', 'x', '{}')", [
        admin.viewer.institutionId,
      ]),
    ).rejects.toThrow("institution is leaving");
  });

  it("has its directory take people away, and neither send nor bring back any", async () => {
    const joined = await admin.post(`${SCIM}/Users`, { schemas: [USER], userName: "late@north.example" });
    expect(joined.status, joined.text).toBe(409);
    expect((await admin.delete(`${SCIM}/Users/${person}`)).status).toBe(204);
    await expect(asSystem(platform, "update users set removed_at = null where id = $1", [person])).rejects.toThrow(
      "institution is leaving",
    );
    expect((await admin.post(`${SCIM}/Groups`, { displayName: "late" })).status).toBe(409);
  });

  it("is asked for passkeys still, and makes no roles, programs or proposals", async () => {
    expect((await send(platform.url, "POST", paths.passkeySignInOptions())).status).toBe(200);
    const limits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: true };
    const refused = [
      await admin.post(paths.roles("northbank"), { name: "more", description: "", scopes: ["models:read"] }),
      await admin.post(paths.serviceAccounts("northbank"), {
        name: "program",
        purpose: "late",
        responsible: admin.viewer.userId,
        roles: ["auditor"],
      }),
      await admin.post(paths.quotaProposals("northbank"), { limits, revision: 0, reason: "late" }),
      await admin.post(paths.identityProviders("northbank"), {
        ...{ kind: "oidc", name: "Another", issuer: op.issuer, clientId: "x", clientSecret: "x", mapping: [] },
      }),
    ];
    expect(refused.map((answer) => [answer.status, ...codes(answer)])).toEqual(refused.map(() => [409, "institution_leaving"]));
  });
});
