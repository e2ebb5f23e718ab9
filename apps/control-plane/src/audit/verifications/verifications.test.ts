import { paths, type VerificationRun } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { until } from "../../../test/jobs-bench.js";
import { newId } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { AuditSealer } from "../audit-sealer.js";
import { Verifications } from "./verifications.service.js";

let platform: TestPlatform;
let north: Client;
let south: Client;
let all: Client;
beforeAll(async () => {
  // Only the HTTP role: the tests say when a walker comes along.
  platform = await startPlatform();
  for (const slug of ["northbank", "southbank"]) await platform.addInstitution(slug);
  north = await platform.addPerson("northbank", "auditor@north.example", "auditor");
  south = await platform.addPerson("southbank", "auditor@south.example", "auditor");
  all = await platform.addPerson("platform", "auditor@platform.example", "auditor");
  for (let n = 0; n < 30; n += 1) {
    await platform.app
      .get(UnitOfWork)
      .run(north.viewer, (tx) => tx.audit({ institutionId: north.viewer.institutionId, action: "model.change", object: `thing ${n}` }));
  }
  await platform.app.get(AuditSealer).seal();
});
afterAll(() => platform?.close());

const start = async (client: Client, body: object = {}): Promise<VerificationRun> => {
  const answer = await client.post(paths.auditVerifications(), body);
  expect(answer.status).toBe(202);
  return answer.body;
};
const get = async (client: Client, id: string): Promise<VerificationRun> => (await client.get(paths.auditVerification(id))).body;
const walk = (isStopping = () => false) => platform.app.get(Verifications).walkWaiting(isStopping);

describe("a verification that runs by itself", () => {
  it("waits, is walked, and says what it found", async () => {
    const asked = await start(north);
    expect(asked).toMatchObject({ state: "queued", done: 0, result: null, requestedBy: north.viewer.name });
    expect(asked.total).toBeGreaterThanOrEqual(30);
    await walk();
    const done = await get(north, asked.id);
    expect(done).toMatchObject({ state: "done", result: { ok: true, chains: [{ chain: "northbank", ok: true, firstBad: null }] } });
    expect(done.done).toBe(done.result?.chains[0]?.entries);
  });

  it("covers every chain for the platform's people, and one where one is named", async () => {
    const [every, one] = [await start(all), await start(all, { chain: "southbank" })];
    await walk();
    expect((await get(all, every.id)).result?.chains.map(({ chain }) => chain)).toEqual(["northbank", "platform", "southbank"]);
    expect((await get(all, one.id)).result?.chains.map(({ chain }) => chain)).toEqual(["southbank"]);
  });

  it("is one and the same while it is under way, and noted once", async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, () => start(north)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    const noted = await asSystem<{ n: number }>(
      platform,
      "select count(*)::int as n from audit_entries where action = 'audit.verify' and object = $1",
      [runs[0]?.id],
    );
    expect(noted[0]?.n).toBe(1);
    await walk();
    expect((await start(north)).id).not.toBe(runs[0]?.id);
    await walk();
  });

  it("is walked by one of several walkers", async () => {
    const { id } = await start(north);
    await Promise.all([walk(), walk(), walk()]);
    expect((await get(north, id)).state).toBe("done");
  });

  it("is taken up again when its walker died, and not while it lives", async () => {
    const { id } = await start(north);
    await asSystem(platform, "update audit_verifications set state = 'running', seen_at = now() where id = $1", [id]);
    await walk();
    expect((await get(north, id)).state).toBe("running");
    await asSystem(platform, "update audit_verifications set done = 17, seen_at = now() - interval '40 seconds' where id = $1", [id]);
    await walk();
    expect(await get(north, id)).toMatchObject({ state: "done", result: { ok: true } });
  });

  it("names the first entry that does not hold", async () => {
    const intruder = new pg.Client({ connectionString: platform.database.superuserUrl });
    await intruder.connect();
    const { id } = await start(all);
    try {
      await intruder.query("set session_replication_role = replica");
      const entry = "(select entry_id from audit_chain where sequence = 9 and institution_id = $1)";
      await intruder.query(`update audit_entries set reason = 'x' where id = ${entry}`, [north.viewer.institutionId]);
      await walk();
      const { result } = await get(all, id);
      expect(result).toMatchObject({
        ok: false,
        chains: [{ chain: "northbank", firstBad: { sequence: 9, problem: "altered" } }, { ok: true }, { ok: true }],
      });
    } finally {
      await intruder.query(
        `update audit_entries set reason = '' where id = (select entry_id from audit_chain where sequence = 9 and institution_id = $1)`,
        [north.viewer.institutionId],
      );
      await intruder.end();
    }
  });

  it("is not for another institution: neither to ask for nor to read", async () => {
    const { id } = await start(north);
    expect((await south.get(paths.auditVerification(id))).status).toBe(404);
    expect((await all.get(paths.auditVerification(id))).status).toBe(404);
    const refused = await south.post(paths.auditVerifications(), { chain: "northbank" });
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "chain_unknown"]);
    expect((await north.post(paths.auditVerifications(), { chains: "all" })).status).toBe(400);
    expect((await north.get(paths.auditVerification(newId("auditVerification")))).status).toBe(404);
    await walk();
  });
});

describe("the worker role", () => {
  it("walks what is asked for without being told", async () => {
    const working = await startPlatform({ role: "all" });
    try {
      const { id } = await start(working.admin);
      const done = await until(async () => {
        const run = await get(working.admin, id);
        return run.state === "done" ? run : null;
      }, "the verdict");
      expect(done.result?.ok).toBe(true);
    } finally {
      await working.close();
    }
  });
});
