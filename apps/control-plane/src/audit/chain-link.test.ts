import { expect, it } from "vitest";
import { auditDigest } from "../platform/database/audit-record.js";
import { digestedOf, digestOfEntry, type EntryRow } from "./chain-link.js";

const row: EntryRow = {
  id: "aud_1",
  institution_id: "ins_1",
  at: new Date("2026-11-24T12:00:00.123Z"),
  actor_id: "usr_1",
  actor_name: 'Wei "the \u2028 clerk" 周',
  request_id: null,
  action: "model.change",
  object: "northbank/cards@1\\",
  reason: "贷款 \u0007\n",
  before_digest: null,
  after_digest: "ab",
  digest: "",
  redacted_at: null,
};

it("gives an entry the digest it was written with, whatever its texts hold", () => {
  expect(digestOfEntry(row)).toBe(auditDigest(digestedOf(row)));
  expect(digestOfEntry({ ...row, request_id: "req_1", before_digest: "cd", after_digest: null })).toBe(
    auditDigest(digestedOf({ ...row, request_id: "req_1", before_digest: "cd", after_digest: null })),
  );
});
