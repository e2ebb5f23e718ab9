import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, startPlatform, type TestPlatform } from "../../test/harness.js";

const USERS = "/scim/v2/Users";

let platform: TestPlatform;
let boss: Client;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("bank");
  boss = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
});
afterAll(() => platform?.close());

/** A program of the institution's that may do nothing but what its role gives. */
async function programWith(...scopes: readonly string[]): Promise<Client> {
  const role = await boss.post(paths.roles("bank"), { name: `role of ${scopes.join(" ")}`, scopes });
  const service = await boss.post(paths.serviceAccounts("bank"), {
    name: `program with ${scopes.join(" ")}`,
    purpose: "keeps our people as the directory has them",
    responsible: boss.viewer.userId,
    customRoles: [role.body.id],
  });
  const token = await boss.post(paths.serviceTokens("bank", service.body.id), { name: "directory", scopes });
  expect(token.status, token.text).toBe(201);
  return clientOf(platform.url, token.body.secret, boss.viewer);
}
const person = (userName: string) => ({ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName });

describe("a directory's token", () => {
  it("belongs to a service account that may do this and nothing else, so that it outlives whoever set it up", async () => {
    const directory = await programWith("directory:write");
    const made = await directory.post(USERS, person("joiner@bank.example"));
    expect(made.status, made.text).toBe(201);
    expect((await directory.delete(`${USERS}/${made.body.id}`)).status).toBe(204);
    expect((await directory.get(paths.members("bank"))).status).toBe(403);
    expect((await directory.post(paths.members("bank"), { email: "x@bank.example", name: "X", roles: ["institution_admin"] })).status).toBe(
      403,
    );
  });

  it("lists no service account among the people it keeps", async () => {
    const directory = await programWith("directory:write", "models:read");
    const { body } = await directory.get(USERS);
    expect(body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual(["boss@bank.example"]);
  });

  it("needs that very scope: managing people by the native API is another", async () => {
    const token = await boss.post(paths.tokens(), { name: "other", scopes: ["institutions:write", "institutions:read"] });
    const other = clientOf(platform.url, token.body.secret, boss.viewer);
    expect((await other.get(USERS)).status).toBe(403);
    expect((await other.post(USERS, person("nobody@bank.example"))).status).toBe(403);
  });
});
