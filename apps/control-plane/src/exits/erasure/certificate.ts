import { createHash } from "node:crypto";
import { ErasureCertificate } from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { ExitRow } from "../exits.repository.js";

/** What a certificate says, read in the transaction that ends the erasure. It names no person, and not what others hold. */
export async function certificateFacts(tx: Tx, exit: ExitRow, finishedAt: Date): Promise<ErasureCertificate> {
  const files = await tx.query<{ sha256: string; size_bytes: string }>(
    "select sha256, size_bytes from erased_files where exit_id = $1 order by sha256",
    [exit.id],
  );
  const [log] = await tx.query<{ entries: number; redacted: number }>(
    "select count(*)::int as entries, count(redacted_at)::int as redacted from audit_entries where institution_id = $1",
    [exit.institution_id],
  );
  const [taken] = await tx.query<{ id: string; as_of: Date; manifest_sha256: string }>(
    "select id, as_of, manifest_sha256 from institution_exports where id = $1 and state = 'done'",
    [exit.export_id],
  );
  return ErasureCertificate.parse({
    format: "ziggurat-erasure-certificate/1",
    exit: exit.id,
    institution: exit.slug,
    institutionId: exit.institution_id,
    startedBy: { side: exit.started_side, at: exit.started_at.toISOString() },
    approvedBy: { side: exit.approved_side, at: exit.approved_at?.toISOString() },
    export: taken === undefined ? null : { id: taken.id, asOf: taken.as_of.toISOString(), manifestSha256: taken.manifest_sha256 },
    beganAt: exit.began_at?.toISOString(),
    finishedAt: finishedAt.toISOString(),
    tables: Object.entries(exit.counts)
      .map(([table, { deleted, blanked }]) => ({ table, deleted, blanked }))
      .sort((a, b) => (a.table < b.table ? -1 : 1)),
    files: {
      count: files.length,
      bytes: files.reduce((sum, { size_bytes }) => sum + Number(size_bytes), 0),
      digest: createHash("sha256")
        .update(files.map(({ sha256 }) => `${sha256}\n`).join(""))
        .digest("hex"),
    },
    audit: { entries: log?.entries ?? 0, redacted: log?.redacted ?? 0 },
  });
}
