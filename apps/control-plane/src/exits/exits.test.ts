import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLeaver, change, codes, exported, start, state } from "../../test/exit-fixtures.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { draft, move, upload } from "../../test/registry-fixtures.js";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aLeaver>>;
let admin: Client;
let ours: Client;
beforeAll(async () => {
  platform = await startPlatform({ role: "all", env: { ZIGGURAT_EXIT_COOLING_OFF_DAYS: "30" } });
  people = await aLeaver(platform);
  ({ admin } = people);
  ours = platform.admin;
});
afterAll(() => platform?.close());

describe("the exit of an institution", () => {
  it("is shown before it begins, with what goes, what stays and what stands in the way", async () => {
    const { status, body } = await admin.post(paths.exitAct("northbank", "preview"));
    expect(status).toBe(200);
    expect(body.goes).toMatchObject({ members: 5, models: 1, versions: 2, datasets: 1, jobs: 1, evaluations: 1 });
    expect(body.stays).toMatchObject({ versions: 2, datasetVersions: 1, edges: 2 });
    expect(body.blockers.map(({ code }: { code: string }) => code)).toEqual(["export_missing"]);
    expect((await state(admin)).actions).toEqual(["start", "export"]);
  });

  it("is nobody's to begin but an administrator's of either side, and hidden from everybody else", async () => {
    for (const client of [people.member, people.reviewer, people.engineer])
      expect([client.viewer.name, (await start(client)).status]).toEqual([client.viewer.name, 403]);
    for (const path of [paths.exit("northbank"), paths.exitCertificate("northbank")]) {
      const [theirs, nobodys] = [await people.stranger.get(path), await people.stranger.get(path.replace("northbank", "nobodybank"))];
      expect([theirs.status, theirs.body.detail]).toEqual([404, nobodys.body.detail]);
    }
    for (const act of ["preview", "start", "approve", "cancel"] as const) {
      const body = {
        preview: undefined,
        start: { confirm: "northbank", mark: "0".repeat(64), reason: "x" },
        approve: { confirm: "northbank" },
        cancel: { reason: "x" },
      }[act];
      expect((await people.stranger.post(paths.exitAct("northbank", act), body)).status).toBe(404);
    }
    expect(codes(await start(ours, "platform"))).toEqual(["exit_home"]);
  });

  it("wants the name typed, and what was shown to be what is there", async () => {
    expect(codes(await start(admin, "northbank", { confirm: "northbnak" }))).toEqual(["confirm_name"]);
    expect(codes(await start(admin, "northbank", { mark: "0".repeat(64) }))).toEqual(["graph_changed"]);
    expect((await start(admin, "northbank", { state: "erased" })).status).toBe(400);
    expect((await state(admin)).state).toBe("active");
  });

  it("begins once, tells the institution, and makes it read only for its people and for what the platform's would make for it", async () => {
    const twice = await Promise.all([start(admin), start(admin)]);
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await state(admin)).toMatchObject({
      state: "leaving",
      exit: { state: "leaving", startedSide: "institution", approvedBy: null },
    });
    const { body: notices } = await admin.get(paths.notices());
    expect(notices.data[0]).toMatchObject({ kind: "exit_started", subject: "northbank", reason: "the contract ends" });

    const writes = [
      await draft(admin, "northbank/cards").catch((error: Error) => error.message),
      await admin.put(paths.blob("c".repeat(64)), "x"),
      await admin.post(paths.models(), { namespace: "northbank", slug: "more", tier: "institution", name: "more", scenario: "risk" }),
      await change(admin, "northbank/cards", { name: "another" }),
      await move(admin, people.second, "in_review"),
      await admin.post(paths.members("northbank"), { email: "new@north.example", name: "new", roles: ["auditor"] }),
      await ours.post(paths.members("northbank"), { email: "new@north.example", name: "new", roles: ["auditor"] }),
      await ours.post(paths.entitlements("northbank"), { subject: "foundation/base", rights: ["see"], reason: "x" }),
    ];
    const said = writes.map((answer) => (typeof answer === "string" ? answer : `${answer.status} ${codes(answer)}`));
    expect(said.map((text) => text.replace(/^no upload: (\d+) .*"code":"(institution_leaving)".*$/s, "$1 $2"))).toEqual([
      "409 institution_leaving",
      expect.stringMatching(/^(409 institution_leaving|400|422)/),
      ...Array.from({ length: 6 }, () => "409 institution_leaving"),
    ]);
    // The others notice nothing.
    expect((await draft(people.stranger, "southbank/loans")).status).toBe(201);
  });

  it("lets its people in still, and ends what they must be able to end", async () => {
    const again = await platform.as("admin@north.example");
    expect((await again.get(paths.model("northbank/cards"))).status).toBe(200);
    expect((await again.get(paths.auditExport())).status).toBe(200);
    const gone = await admin.delete(paths.member("northbank", people.member.viewer.userId));
    expect(gone.status).toBe(204);
    expect((await people.reviewer.post(paths.holds(), { version: people.first, reason: "before you go" })).status).toBe(201);
  });

  it("is approved by the other side alone, with an export or a word why there is none, and not over a hold", async () => {
    const approve = (client: Client, more = {}) => client.post(paths.exitAct("northbank", "approve"), { confirm: "northbank", ...more });
    expect(codes(await approve(admin))).toEqual(["exit_side"]);
    // Nor by the same person, who has an account on the other side as well.
    const twoHats = await platform.addPerson("platform", "admin@north.example", "platform_admin");
    const own = await approve(twoHats);
    expect([own.status, codes(own)]).toEqual([403, ["same_person"]]);
    expect((await state(twoHats)).actions).toEqual(["cancel"]);
    expect(codes(await approve(ours))).toEqual(["held", "export_missing"]);
    expect(codes(await approve(ours, { waiver: "they want none" }))).toEqual(["held"]);
    const [hold] = (await admin.get(`${paths.holds()}?filter[open]=true`)).body.data;
    await people.reviewer.post(paths.holdLift(hold.id), { reason: "closed" });
    await admin.post(paths.holdLiftConfirm(hold.id), {});
    expect(codes(await approve(ours))).toEqual(["export_missing"]);
    await exported(admin);
    expect(codes(await approve(ours, { confirm: "southbank" }))).toEqual(["confirm_name"]);
    const done = await approve(ours);
    expect([done.status, done.body.exit.waiver]).toEqual([200, null]);
    const days = (Date.parse(done.body.exit.erasesAt) - Date.parse(done.body.exit.approvedAt)) / 86_400_000;
    expect(days).toBe(30);
    expect(codes(await approve(ours))).toEqual(["exit_state"]);
  });

  it("comes back from the cooling-off time as it was", async () => {
    const back = await admin.post(paths.exitAct("northbank", "cancel"), { reason: "we stay" });
    expect([back.status, back.body.state, back.body.exit.state]).toEqual([200, "active", "cancelled"]);
    expect((await draft(admin, "northbank/cards")).status).toBe(201);
    expect(codes(await admin.post(paths.exitAct("northbank", "cancel"), { reason: "again" }))).toEqual(["exit_state"]);
    const { body } = await admin.get(`${paths.audit()}?filter[action]=exit`);
    expect(body.data.map(({ action }: { action: string }) => action)).toEqual(["exit.cancel", "exit.approve", "exit.start"]);
  });

  it("calls an export old when something was changed since, and not when somebody only looked", async () => {
    const taken = await exported(admin);
    expect(taken.isCurrent).toBe(true);
    await admin.get(paths.versionFile(people.first, "adapter_config.json"));
    expect((await admin.get(paths.exitExport("northbank", taken.id))).body.isCurrent).toBe(true);
    await change(admin, "northbank/cards", { name: "changed" });
    expect((await admin.get(paths.exitExport("northbank", taken.id))).body.isCurrent).toBe(false);
    await start(ours);
    expect((await state(admin)).exit?.blockers.map(({ code }) => code)).toEqual(["export_stale"]);
    await ours.post(paths.exitAct("northbank", "cancel"), { reason: "test" });
  });

  it("waits for a write that is under way, and then is not what the preview showed", async () => {
    const { mark } = (await admin.post(paths.exitAct("northbank", "preview"))).body;
    const [written, isWritten] = signal();
    const [released, letGo] = signal();
    const writing = platform.app.get(UnitOfWork).run(admin.viewer, async (tx) => {
      await tx.query(
        `insert into datasets (id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description, created_by)
         values ($1, $2, 'northbank', 'late', 'late', 'text', 'CC0-1.0', 'consent', 'internal', '{}', '', 'test')`,
        [newId("dataset"), admin.viewer.institutionId],
      );
      isWritten();
      await released;
    });
    await written;
    const starting = admin.post(paths.exitAct("northbank", "start"), { confirm: "northbank", mark, reason: "at the same moment" });
    await until(async () => (await asSystem(platform, "select 1 from pg_locks where not granted")).length > 0, "the wait");
    letGo();
    await writing;
    expect(codes(await starting)).toEqual(["graph_changed"]);
    expect((await state(admin)).state).toBe("active");
  });

  it("goes no way that the database does not know, whatever code tries", async () => {
    const id = admin.viewer.institutionId;
    const set = (to: string) => asSystem(platform, "update institutions set state = $2 where id = $1", [id, to]);
    for (const to of ["erasing", "erased"]) await expect(set(to)).rejects.toThrow("does not go");
    await start(admin);
    await expect(set("erasing")).rejects.toThrow("not to be erased");
    await expect(
      asSystem(
        platform,
        "update institution_exits set approved_by = started_by, approved_side = 'platform', erases_at = now() where state = 'leaving'",
      ),
    ).rejects.toThrow("institution_exits_two_sides");
    await ours.post(paths.exitAct("northbank", "cancel"), { reason: "test" });
    // What the erasure may do is nobody's while the state does not say so.
    await expect(
      asSystem(
        platform,
        "with s as (select set_config('app.erases', $1, true)) delete from evaluations using s where institution_id = $1",
        [id],
      ),
    ).rejects.toThrow("append-only");
    expect((await upload(admin, "as before")).length).toBe(64);
  });
});

it("read only speaks of every table that institutions own: those that a trigger does not keep are these, each for its reason", async () => {
  const rows = await asSystem<{ name: string }>(
    platform,
    `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'institution_id' and not a.attisdropped)
       and not exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = c.oid and p.proname = 'refuse_leaving_write') order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(
    [
      // The log, which reads and the exit itself write to.
      ...[
        "audit_chain",
        "audit_checkpoints",
        "audit_entries",
        "audit_frontiers",
        "audit_pending",
        "audit_tree_heads",
        "audit_verifications",
      ],
      ...["erased_files", "idempotency_keys", "institution_exits", "institution_exports"],
      // Jobs that end, holds and notices, and who had a hand in them.
      ...["contributions", "job_history", "legal_holds", "notices"],
      // The platform's books, which no institution writes.
      ...["charges", "closed_months", "prices", "statements", "storage_days"],
      // Signing in, by whatever way, and a directory that takes people away.
      ...["device_authorizations", "federated_identities", "federated_sign_ins", "passkey_challenges", "passkeys", "recovery_codes"],
      ...["scim_users", "scim_uses", "second_factors", "sessions", "spent_assertions", "tokens"],
      // Looks at what is stored.
      ...["search_documents", "verifications"],
    ].sort(),
  );
});

/** A promise, and what fulfils it. */
function signal(): [Promise<void>, () => void] {
  let done = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    done = resolve;
  });
  return [promise, () => done()];
}
