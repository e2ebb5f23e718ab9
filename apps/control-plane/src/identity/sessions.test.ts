import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { send, startPlatform, type TestPlatform } from "../../test/harness.js";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

describe("signing in", () => {
  it("opens a session whose cookie answers who I am", async () => {
    const session = await platform.signIn("admin@ziggurat.example");
    const me = await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie });
    expect(me.body).toMatchObject({ email: "admin@ziggurat.example", csrfToken: session.csrfToken, roles: ["platform_admin"] });
  });
});
