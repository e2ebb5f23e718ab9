import { type ChainVerdict, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { AuditSealer } from "./audit-sealer.js";
import { digestOfEntry, digestOfLink, type EntryRow } from "./chain-link.js";

let platform: TestPlatform;
let sealer: AuditSealer;
let intruder: pg.Client;
let institutions = 0;
/** Each test has a chain of its own: eight entries sealed in batches of one, three and four. */
let bank: { readonly slug: string; readonly id: string; readonly auditor: Client };

beforeAll(async () => {
  platform = await startPlatform();
  sealer = platform.app.get(AuditSealer);
  intruder = new pg.Client({ connectionString: platform.database.superuserUrl });
  await intruder.connect();
  // Past every trigger, as someone with the database's own password would.
  await intruder.query("set session_replication_role = replica");
});
afterAll(async () => {
  await intruder?.end();
  await platform?.close();
});

beforeEach(async () => {
  institutions += 1;
  const slug = `bank-${institutions}`;
  const id = await platform.addInstitution(slug);
  await sealer.seal();
  const auditor = await platform.addPerson(slug, `auditor@${slug}.example`, "auditor", "institution_admin");
  bank = { slug, id, auditor };
  await sealer.seal();
  await write(4);
  await sealer.seal();
});

async function write(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await platform.app
      .get(UnitOfWork)
      .run(bank.auditor.viewer, (tx) => tx.audit({ institutionId: bank.id, action: "model.change", object: `thing ${n}`, after: { n } }));
  }
}

async function verdict(): Promise<ChainVerdict> {
  const answer = await bank.auditor.get(paths.auditVerify());
  expect(answer.status).toBe(200);
  expect(answer.body.chains).toHaveLength(1);
  expect(answer.body.ok).toBe(answer.body.chains[0].ok);
  return answer.body.chains[0];
}

const entryAt = (sequence: number) => `(select entry_id from audit_chain where institution_id = '${bank.id}' and sequence = ${sequence})`;

describe("an untouched chain", () => {
  it("verifies from the first entry to the last", async () => {
    expect(await verdict()).toEqual({ chain: bank.slug, entries: 8, pending: 0, ok: true, firstBad: null });
  });

  it("says how many entries wait for the sealer, and takes them up", async () => {
    await write(2);
    expect(await verdict()).toMatchObject({ ok: true, entries: 8, pending: 2 });
    await sealer.seal();
    expect(await verdict()).toMatchObject({ ok: true, entries: 10, pending: 0 });
  });

  it("takes up an entry whose note was lost", async () => {
    await write(1);
    await intruder.query("delete from audit_pending where institution_id = $1", [bank.id]);
    await sealer.seal();
    expect((await verdict()).pending).toBe(1);
    await sealer.noteForgotten();
    await sealer.seal();
    expect(await verdict()).toMatchObject({ ok: true, entries: 9, pending: 0 });
  });
});

describe("someone who owns the database", () => {
  for (const column of ["actor_id", "actor_name", "action", "object", "reason", "request_id", "before_digest", "after_digest"]) {
    it(`cannot change ${column} of an entry unseen`, async () => {
      await intruder.query(`update audit_entries set ${column} = 'x' where id = ${entryAt(5)}`);
      expect((await verdict()).firstBad).toEqual({ sequence: 5, problem: "altered" });
    });
  }

  it("cannot move an entry in time unseen", async () => {
    await intruder.query(`update audit_entries set at = at + interval '1 millisecond' where id = ${entryAt(2)}`);
    expect((await verdict()).firstBad).toEqual({ sequence: 2, problem: "altered" });
  });

  it("cannot change an entry and its digest unseen", async () => {
    await intruder.query(`update audit_entries set reason = 'x', digest = repeat('0', 64) where id = ${entryAt(6)}`);
    expect((await verdict()).firstBad).toEqual({ sequence: 6, problem: "altered" });
  });

  it("cannot remove an entry from the middle unseen", async () => {
    await intruder.query(`delete from audit_entries where id = ${entryAt(3)}`);
    expect((await verdict()).firstBad).toEqual({ sequence: 3, problem: "missing" });
  });

  it("cannot remove an entry with its link unseen", async () => {
    await intruder.query(`delete from audit_entries where id = ${entryAt(4)}`);
    await intruder.query("delete from audit_chain where institution_id = $1 and sequence = 4", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 4, problem: "missing" });
  });

  it("cannot swap two entries unseen", async () => {
    await intruder.query(`update audit_chain set sequence = 7 - sequence + 1000 where institution_id = $1 and sequence in (3, 4)`, [
      bank.id,
    ]);
    await intruder.query("update audit_chain set sequence = sequence - 1000 where institution_id = $1 and sequence > 1000", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 3, problem: "reordered" });
  });

  it("cannot swap two entries and mend what links them unseen", async () => {
    const links = await intruder.query<{ entry_id: string }>(
      "select entry_id from audit_chain where institution_id = $1 and sequence in (3, 4) order by sequence",
      [bank.id],
    );
    const [third, fourth] = links.rows.map(({ entry_id }) => entry_id);
    for (const [sequence, entry] of [
      [3, "set aside"],
      [4, third],
      [3, fourth],
    ]) {
      await intruder.query("update audit_chain set entry_id = $3 where institution_id = $1 and sequence = $2", [bank.id, sequence, entry]);
    }
    expect((await verdict()).firstBad).toEqual({ sequence: 3, problem: "reordered" });
  });

  it("cannot cut off the last entries unseen", async () => {
    await intruder.query(`delete from audit_entries where id in (${entryAt(7)}, ${entryAt(8)})`);
    await intruder.query("delete from audit_chain where institution_id = $1 and sequence >= 7", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 7, problem: "truncated" });
  });

  it("cannot cut off the last entries with the checkpoint that vouches for them unseen", async () => {
    await intruder.query(
      `delete from audit_entries where id in (select entry_id from audit_chain where institution_id = $1 and sequence > 4)`,
      [bank.id],
    );
    await intruder.query("delete from audit_chain where institution_id = $1 and sequence > 4", [bank.id]);
    await intruder.query("delete from audit_checkpoints where institution_id = $1 and sequence > 4", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 5, problem: "truncated" });
  });

  it("cannot empty a chain unseen", async () => {
    for (const table of ["audit_entries", "audit_chain", "audit_checkpoints"]) {
      await intruder.query(`delete from ${table} where institution_id = $1`, [bank.id]);
    }
    expect((await verdict()).firstBad).toEqual({ sequence: 1, problem: "truncated" });
  });

  it("cannot rewrite an entry and every digest after it unseen, since it cannot sign", async () => {
    await intruder.query(`update audit_entries set reason = 'rewritten' where id = ${entryAt(6)}`);
    const { rows } = await intruder.query<EntryRow>(
      "select e.* from audit_chain c join audit_entries e on e.id = c.entry_id where c.institution_id = $1 order by c.sequence",
      [bank.id],
    );
    let previous: string | null = null;
    for (const [index, entry] of rows.entries()) {
      const digest = digestOfEntry(entry);
      const link: string = digestOfLink(previous, digest);
      await intruder.query("update audit_entries set digest = $2 where id = $1", [entry.id, digest]);
      await intruder.query("update audit_chain set previous_digest = $3, digest = $4 where institution_id = $1 and sequence = $2", [
        bank.id,
        index + 1,
        previous,
        link,
      ]);
      previous = link;
    }
    expect((await verdict()).firstBad).toEqual({ sequence: 8, problem: "checkpoint" });
  });

  it("cannot move a signed head or forge its signature unseen", async () => {
    await intruder.query("update audit_checkpoints set signature = $2 where institution_id = $1 and sequence = 8", [
      bank.id,
      Buffer.alloc(64).toString("base64"),
    ]);
    expect((await verdict()).firstBad).toEqual({ sequence: 8, problem: "checkpoint" });
  });

  it("cannot remove a link alone unseen", async () => {
    await intruder.query("delete from audit_chain where institution_id = $1 and sequence = 4", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 4, problem: "missing" });
  });

  it("cannot move an older head unseen", async () => {
    await intruder.query("update audit_checkpoints set digest = repeat('0', 64) where institution_id = $1 and sequence = 4", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 4, problem: "checkpoint" });
  });

  it.each(["root_hash = repeat('0', 64)", "note = replace(note, E'\\n8\\n', E'\\n9\\n')", "note = ''"])(
    "cannot forge a head of the Merkle tree unseen: %s",
    async (change) => {
      await intruder.query(`update audit_tree_heads set ${change} where institution_id = $1 and tree_size = 8`, [bank.id]);
      expect((await verdict()).firstBad).toEqual({ sequence: 8, problem: "checkpoint" });
    },
  );

  it("cannot make the platform sign another past by changing where the tree grows", async () => {
    await intruder.query(
      "update audit_frontiers set subtrees = array_fill(repeat('0', 64), array[cardinality(subtrees)]) where institution_id = $1",
      [bank.id],
    );
    await write(1);
    await sealer.seal();
    expect((await verdict()).firstBad).toEqual({ sequence: 9, problem: "checkpoint" });
  });

  it("cannot remove the newest head unseen", async () => {
    await intruder.query("delete from audit_checkpoints where institution_id = $1 and sequence = 8", [bank.id]);
    expect((await verdict()).firstBad).toEqual({ sequence: 5, problem: "checkpoint" });
  });
});

describe("the sealer", () => {
  it("makes one unbroken chain out of many writers and several sealers at once", async () => {
    const sealing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let turn = 0; turn < 10; turn += 1) await sealer.seal();
      }),
    );
    await Promise.all(Array.from({ length: 8 }, () => write(10)));
    await sealing;
    await sealer.seal();
    expect(await verdict()).toEqual({ chain: bank.slug, entries: 88, pending: 0, ok: true, firstBad: null });
    const [row] = await asSystem<{ n: number }>(
      platform,
      "select count(distinct entry_id)::int as n from audit_chain where institution_id = $1",
      [bank.id],
    );
    expect(row?.n).toBe(88);
  });
});

describe("the Merkle tree over a chain", () => {
  const heads = () =>
    asSystem<{ tree_size: string }>(platform, "select tree_size from audit_tree_heads where institution_id = $1 order by tree_size", [
      bank.id,
    ]);

  it("has a signed head for every sealed batch", async () => {
    expect((await heads()).map(({ tree_size }) => Number(tree_size))).toEqual([1, 4, 8]);
  });

  it("is made for chains that were sealed before there were trees", async () => {
    const [before] = await asSystem<{ note: string }>(
      platform,
      "select note from audit_tree_heads where institution_id = $1 and tree_size = 8",
      [bank.id],
    );
    await intruder.query("delete from audit_tree_heads where institution_id = $1", [bank.id]);
    await intruder.query("delete from audit_frontiers where institution_id = $1", [bank.id]);
    await sealer.growBehind();
    const [after] = await asSystem<{ note: string }>(platform, "select note from audit_tree_heads where institution_id = $1", [bank.id]);
    expect(after).toEqual(before);
    expect((await verdict()).ok).toBe(true);
  });

  it("gets no head over a chain that does not hold, while the chain itself goes on", async () => {
    await intruder.query("delete from audit_tree_heads where institution_id = $1", [bank.id]);
    await intruder.query("delete from audit_frontiers where institution_id = $1", [bank.id]);
    await intruder.query(`update audit_entries set digest = repeat('0', 64) where id = ${entryAt(3)}`);
    await write(1);
    await sealer.seal();
    expect(await heads()).toEqual([]);
    expect(await verdict()).toMatchObject({ pending: 0, firstBad: { sequence: 3, problem: "altered" } });
  });
});
