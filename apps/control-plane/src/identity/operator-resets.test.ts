import { paths } from "@ziggurat/contracts";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, expect, it } from "vitest";
import { asSystem, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { resetPassword, resetSecondFactor } from "./operator-resets.js";

const ADMIN = "admin@ziggurat.example";
const PASSWORD = "correct horse battery";

let platform: TestPlatform;
let work: UnitOfWork;
beforeAll(async () => {
  platform = await startPlatform();
  work = platform.app.get(UnitOfWork);
  for (const slug of ["northbank", "southbank"]) {
    await platform.addInstitution(slug);
    await platform.addPerson(slug, "both@banks.example", "institution_admin");
  }
});
afterAll(() => platform?.close());

const by = (email: string, institution: string | null = null) => ({ email, institution, operator: "root" });
const signIn = (email: string, password: string) =>
  send(platform.url, "POST", paths.login(), JSON.stringify({ email, password }), { "content-type": "application/json" });

it("takes the second factor off the only administrator there is, ends the sessions, and is noted as the operator's", async () => {
  const open = await platform.signIn(ADMIN);
  const headers = { cookie: open.cookie, "x-csrf-token": open.csrfToken };
  const begun = await send(platform.url, "POST", paths.secondFactor(), { currentPassword: PASSWORD }, headers);
  const code = new TOTP({ secret: Secret.fromBase32(begun.body.secret) }).generate();
  expect((await send(platform.url, "POST", paths.secondFactorAct("confirm"), { code }, headers)).status).toBe(200);
  expect((await signIn(ADMIN, PASSWORD)).body.code).toBe("second_factor_required");

  expect(await resetSecondFactor(work, by("Admin@Ziggurat.example"))).toContain("signs in with the password alone");
  expect((await signIn(ADMIN, PASSWORD)).status).toBe(200);
  expect((await send(platform.url, "GET", paths.me(), undefined, headers)).status).toBe(401);
  const entries = await asSystem(
    platform,
    "select actor_name, object = (select id from users where email = $1) as theirs from audit_entries where action = 'second_factor.reset'",
    [ADMIN],
  );
  expect(entries).toEqual([{ actor_name: "operator root", theirs: true }]);
  await expect(resetSecondFactor(work, by(ADMIN))).rejects.toThrow("has no second factor");
});

it("takes passkeys off as well, which are a second factor too and open without a password", async () => {
  await asSystem(
    platform,
    `insert into passkeys (id, user_id, institution_id, credential_id, public_key, counter, transports, name, is_synced)
     select 'pky_' || md5(id), id, institution_id, 'lost', '\\x01', 0, '{}', 'lost', false from users where email = $1`,
    [ADMIN],
  );
  expect((await signIn(ADMIN, PASSWORD)).body.code).toBe("second_factor_required");
  await resetSecondFactor(work, by(ADMIN));
  expect((await signIn(ADMIN, PASSWORD)).status).toBe(200);
  expect(await asSystem(platform, "select 1 from passkeys")).toEqual([]);
});

it("gives a one-time password for a lost one, which opens nothing but the choice of another", async () => {
  const said = await resetPassword(work, by(ADMIN));
  const password = /one-time password (\S+) /.exec(said)?.[1] ?? "";
  expect((await signIn(ADMIN, PASSWORD)).status).toBe(401);
  const answer = await signIn(ADMIN, password);
  expect(answer.status).toBe(200);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const models = await send(platform.url, "GET", paths.models(), undefined, { cookie });
  expect([models.status, models.body.errors[0]?.code]).toEqual([403, "password_change_required"]);
  const entries = await asSystem(platform, "select actor_name, reason from audit_entries where action = 'password.reset'");
  expect(entries).toEqual([{ actor_name: "operator root", reason: "at the machine, by its operator" }]);
  // What was told once stands nowhere.
  const stored = await asSystem(platform, "select 1 from audit_entries where to_jsonb(audit_entries)::text like $1", [`%${password}%`]);
  expect(stored).toEqual([]);
});

it("resets nobody by mistake: an unknown address is refused, and one that two institutions know wants the institution", async () => {
  await expect(resetPassword(work, by("nobody@banks.example"))).rejects.toThrow("Nobody signs in as");
  await expect(resetPassword(work, by("both@banks.example"))).rejects.toThrow("northbank, southbank");
  await resetPassword(work, by("both@banks.example", "southbank"));
  const rows = await asSystem(
    platform,
    "select i.slug, u.must_change_password from users u join institutions i on i.id = u.institution_id where email = 'both@banks.example' order by 1",
  );
  expect(rows).toEqual([
    { slug: "northbank", must_change_password: false },
    { slug: "southbank", must_change_password: true },
  ]);
});
