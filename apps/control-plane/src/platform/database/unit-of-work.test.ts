import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPlatform, type TestPlatform } from "../../../test/harness.js";
import { StatementNames } from "./statement-names.js";
import { type Tx, UnitOfWork } from "./unit-of-work.js";

let platform: TestPlatform;
let work: UnitOfWork;
beforeAll(async () => {
  platform = await startPlatform();
  work = platform.app.get(UnitOfWork, { strict: false });
});
afterAll(() => platform?.close());

describe("a transaction", () => {
  it("is over for whoever keeps hold of it", async () => {
    let kept: Tx | null = null;
    await work.run(platform.admin.viewer, async (tx) => {
      kept = tx;
    });
    await expect((kept as Tx | null)?.query("select 1")).rejects.toThrow("This unit of work has ended.");
  });

  it("whose failed statement was passed over is not reported as done", async () => {
    const passedOver = work.run(platform.admin.viewer, async (tx) => {
      await tx.query("update institutions set name = 'Changed' where slug = 'platform'");
      await tx.query("select 1 / 0").catch(() => undefined);
    });
    await expect(passedOver).rejects.toThrow("nothing of its transaction is kept");
    expect(await work.run(platform.admin.viewer, (tx) => tx.query("select 1 from institutions where name = 'Changed'"))).toEqual([]);
  });

  it("takes no statement of another branch once one of several has failed: it would come behind the rollback", async () => {
    const sent: Promise<unknown>[] = [];
    const failing = work.run(platform.admin.viewer, (tx) => {
      const failed = tx.query("select 1 / 0");
      const other = async () => {
        await failed.catch(() => undefined);
        // Long enough for the rollback to be on its way, too short for it to be answered.
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        sent.push(tx.query("insert into outbox (id, name, payload) values ('req_behind', 'recall.advance', '{}')").catch((error) => error));
      };
      return Promise.all([failed, other()]);
    });
    await expect(failing).rejects.toThrow("division by zero");
    expect(String(await sent[0])).toContain("This unit of work has ended.");
    expect(await work.run(platform.admin.viewer, (tx) => tx.query("select 1 from outbox where id = 'req_behind'"))).toEqual([]);
  });

  it("leaves nothing of who asked on the connection, and holds names with quotes", async () => {
    const viewer = { ...platform.admin.viewer, name: "O'Neil \\ \"x\"'); select set_config('app.reach', 'system', false); --" };
    const asked = "select current_setting('app.actor', true) as actor, current_setting('app.reach', true) as reach";
    expect(await work.run(viewer, (tx) => tx.query(asked))).toEqual([{ actor: viewer.name, reach: "platform" }]);
    const after = await Promise.all(
      Array.from({ length: 20 }, () => work.run({ ...viewer, reach: "tenant", name: "next" }, (tx) => tx.query(asked))),
    );
    expect(new Set(after.map((rows) => JSON.stringify(rows)))).toEqual(new Set([JSON.stringify([{ actor: "next", reach: "tenant" }])]));
  });

  it("sees one moment in a snapshot, also through statements that are prepared", async () => {
    const count = (tx: Tx) => tx.query<{ n: number }>("select count(*)::int as n from institutions");
    for (let round = 0; round < 7; round += 1) {
      await work.snapshot(platform.admin.viewer, async (tx) => {
        const [before] = await count(tx);
        await platform.addInstitution(`moment-${round}`);
        expect(await count(tx)).toEqual([before]);
      });
    }
  });
});

describe("names of statements", () => {
  it("are given to what comes again and again, and stay", () => {
    const names = new StatementNames();
    const given = Array.from({ length: 7 }, () => names.of("select 1"));
    expect(given.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(new Set(given.slice(4)).size).toBe(1);
    expect(given[4]).toBeDefined();
  });

  it("are never shared, and never more than a connection can bear", () => {
    const names = new StatementNames();
    const texts = Array.from({ length: 500 }, (_, n) => `select ${n}`);
    for (let use = 0; use < 5; use += 1) for (const text of texts) names.of(text);
    const given = texts.flatMap((text) => names.of(text) ?? []);
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBe(128);
  });

  it("are not kept for texts that never come again", () => {
    const names = new StatementNames();
    for (let n = 0; n < 10_000; n += 1) expect(names.of(`select ${n}`)).toBeUndefined();
  });
});
