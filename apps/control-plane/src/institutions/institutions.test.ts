import { paths, RESERVED_SLUGS } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";

let platform: TestPlatform;
let alpha: Client;
let alphaMember: Client;
let beta: Client;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("alpha", "Alpha Bank");
  await platform.addInstitution("beta", "Beta Bank");
  alpha = await platform.addPerson("alpha", "admin@alpha.example", "institution_admin");
  alphaMember = await platform.addPerson("alpha", "member@alpha.example", "institution_member");
  beta = await platform.addPerson("beta", "admin@beta.example", "institution_admin");
});
afterAll(() => platform?.close());

const person = (email: string, ...roles: readonly string[]) => ({ email, name: "Someone", roles });

describe("opening an institution", () => {
  it("is for platform administrators; a slug is taken once and never from the reserved ones", async () => {
    expect((await alpha.post(paths.institutions(), { slug: "gamma", name: "Gamma" })).body.code).toBe("denied");
    expect((await platform.admin.post(paths.institutions(), { slug: "alpha", name: "Other" })).body).toMatchObject({
      code: "conflict",
      errors: [{ code: "duplicate", pointer: "/slug" }],
    });
    for (const slug of RESERVED_SLUGS) {
      const { status, body } = await platform.admin.post(paths.institutions(), { slug, name: slug });
      expect([status, body.errors[0].code]).toEqual([422, "reserved_slug"]);
    }
  });

  it("opens it once when two ask for the same slug at the same time", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => platform.admin.post(paths.institutions(), { slug: "race", name: "Race" })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe("another institution", () => {
  it("does not exist for a tenant: not in lists, not by slug, not in its members, not in the audit log", async () => {
    expect((await alpha.get(paths.institutions())).body.data.map(({ slug }: { slug: string }) => slug)).toEqual(["alpha"]);
    const absent = await alpha.get(paths.institution("nowhere"));
    const others = await alpha.get(paths.institution("beta"));
    expect({ ...others.body, instance: "", requestId: "" }).toEqual({ ...absent.body, instance: "", requestId: "" });
    expect((await alpha.get(paths.members("beta"))).body.code).toBe("hidden");
    expect((await alpha.post(paths.members("beta"), person("x@alpha.example", "institution_admin"))).body.code).toBe("hidden");
    const { data } = (await alpha.get(`${paths.audit()}?limit=200`)).body;
    expect(new Set(data.map(({ chain }: { chain: string }) => chain))).toEqual(new Set(["alpha"]));
    expect((await alpha.get(`${paths.audit()}?filter[chain]=beta`)).body.data).toEqual([]);
  });

  it("is seen by the platform's people", async () => {
    const slugs = (await platform.admin.get(paths.institutions())).body.data.map(({ slug }: { slug: string }) => slug);
    expect(slugs).toEqual(expect.arrayContaining(["alpha", "beta", "platform"]));
    expect((await platform.admin.get(paths.institution("beta"))).body).toMatchObject({ name: "Beta Bank", members: 1 });
  });
});

describe("members", () => {
  it("are managed by their own administrator, not by members", async () => {
    const added = await alpha.post(paths.members("alpha"), person("new@alpha.example", "institution_member"));
    expect(added.status).toBe(201);
    expect(added.body.oneTimePassword).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    const session = await platform.signIn("new@alpha.example", added.body.oneTimePassword);
    const me = await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie });
    expect(me.body.mustChangePassword).toBe(true);
    const refused = await alphaMember.post(paths.members("alpha"), person("y@alpha.example", "institution_member"));
    expect(refused.body.code).toBe("insufficient_scope");
  });

  it("hold roles of their place only", async () => {
    const inBank = await alpha.post(paths.members("alpha"), person("z@alpha.example", "auditor", "platform_admin"));
    expect(inBank.body).toMatchObject({ code: "rule", errors: [{ code: "role_place", pointer: "/roles/1" }] });
    const inPlatform = await platform.admin.post(paths.members("platform"), person("z@alpha.example", "institution_admin"));
    expect(inPlatform.body.errors).toMatchObject([{ code: "role_place", pointer: "/roles/0" }]);
    const promoted = await alpha.patch(paths.member("alpha", alphaMember.viewer.userId), { roles: ["platform_engineer"] });
    expect(promoted.status).toBe(422);
  });

  it("have addresses of their own within their institution", async () => {
    const { status, body } = await alpha.post(paths.members("alpha"), person("MEMBER@alpha.example", "institution_member"));
    expect([status, body.code, body.errors[0].pointer]).toEqual([409, "conflict", "/email"]);
  });

  it("may have an address that another institution knows; nobody is told, and each password opens its own", async () => {
    const [email, theirs, ours] = ["twice@beta.example", "the password at beta", "the password at alpha"];
    expect((await beta.post(paths.members("beta"), { ...person(email, "auditor"), password: theirs })).status).toBe(201);
    const added = await alpha.post(paths.members("alpha"), { ...person(email, "institution_member"), password: ours });
    expect([added.status, added.body.email]).toEqual([201, email]);
    const home = async (password: string, institution?: string) => {
      const login = await send(platform.url, "POST", paths.login(), { email, password, institution });
      const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
      return (await send(platform.url, "GET", paths.me(), undefined, { cookie })).body.institution?.slug ?? login.body.code;
    };
    expect([await home(theirs), await home(ours), await home("neither of them")]).toEqual(["beta", "alpha", "invalid_credentials"]);
    expect([await home(theirs, "alpha"), await home(ours, "alpha")]).toEqual(["invalid_credentials", "alpha"]);
    const hashes = await asSystem<{ password_hash: string }>(platform, "select password_hash from users where email = $1", [email]);
    expect(new Set(hashes.map(({ password_hash }) => password_hash.split("$")[4]))).toHaveProperty("size", 1);
  });

  it("lose sessions and tokens the moment they are removed, and their address can join again", async () => {
    const leaver = await platform.addPerson("alpha", "leaver@alpha.example", "institution_member");
    const session = await platform.signIn("leaver@alpha.example");
    expect((await alpha.delete(paths.member("alpha", leaver.viewer.userId))).status).toBe(204);
    expect((await leaver.get(paths.me())).status).toBe(401);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie })).status).toBe(401);
    expect((await platform.signIn("leaver@alpha.example")).status).toBe(401);
    expect((await alpha.post(paths.members("alpha"), person("leaver@alpha.example", "institution_member"))).status).toBe(201);
  });

  it("keep at least one administrator, also when two remove each other at once", async () => {
    const last = await beta.delete(paths.member("beta", beta.viewer.userId));
    expect(last.body).toMatchObject({ code: "conflict", errors: [{ code: "last_admin" }] });
    const demoted = await beta.patch(paths.member("beta", beta.viewer.userId), { roles: ["institution_member"] });
    expect(demoted.body.errors[0].code).toBe("last_admin");
    const second = await platform.addPerson("beta", "second@beta.example", "institution_admin");
    const answers = await Promise.all([
      beta.delete(paths.member("beta", second.viewer.userId)),
      second.delete(paths.member("beta", beta.viewer.userId)),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const [row] = await asSystem<{ n: number }>(
      platform,
      `select count(*)::int as n from users u join institutions i on i.id = u.institution_id
        where i.slug = 'beta' and u.removed_at is null and 'institution_admin' = any(u.roles)`,
    );
    expect(row?.n).toBe(1);
  });
});

describe("each change of people", () => {
  it("stands in the audit log with who did it", async () => {
    const added = await alpha.post(paths.members("alpha"), person("audited@alpha.example", "institution_member"));
    await alpha.patch(paths.member("alpha", added.body.id), { roles: ["auditor"] });
    await alpha.delete(paths.member("alpha", added.body.id));
    const { data } = (await alpha.get(`${paths.audit()}?filter[object]=${added.body.id}&filter[action]=member`)).body;
    expect(data.map(({ action }: { action: string }) => action)).toEqual(["member.remove", "member.roles", "member.add"]);
    expect(new Set(data.map(({ actor }: { actor: string }) => actor))).toEqual(new Set([alpha.viewer.userId]));
    expect(data[1].beforeDigest).not.toBe(data[1].afterDigest);
  });
});
