import { createHash } from "node:crypto";
import pg from "pg";
import { applicationUrl } from "../http/scene.js";

const BATCH = 5000;
const ACTIONS = [
  "job.move",
  "job.request",
  "session.open",
  "version.seal",
  "version.release",
  "model.change",
  "file.read",
  "dataset.version",
];

export interface FilledLog {
  readonly actors: readonly string[];
  readonly objects: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly seconds: number;
}

/**
 * Entries as the platform writes them, with the digests it would have worked out, in bulk and the same in every run. The platform's
 * own sealer chains and signs them while they come.
 */
export async function fillLog(dataDir: string, institutionId: string, count: number): Promise<FilledLog> {
  const actors = Array.from({ length: 200 }, (_, n) => `usr_${hex(n, 32)}`);
  const objects = Array.from({ length: Math.max(50, Math.floor(count / 50)) }, (_, n) => `benchbank/model-${n % 997}@${n}`);
  // Half a minute apart, up to an hour ago: about a year.
  const end = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const start = end - count * 30_000;
  const client = new pg.Client({ connectionString: applicationUrl(dataDir) });
  await client.connect();
  const began = performance.now();
  try {
    await client.query("select set_config('app.reach', 'system', false)");
    for (let from = 0; from < count; from += BATCH) {
      const entries = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => entryOf(from + n));
      const columns = [
        entries.map(({ id }) => id),
        entries.map(({ at }) => at),
        entries.map(({ actorId }) => actorId),
        entries.map(({ actorName }) => actorName),
        entries.map(({ requestId }) => requestId),
        entries.map(({ action }) => action),
        entries.map(({ object }) => object),
        entries.map(({ reason }) => reason),
        entries.map(({ afterDigest }) => afterDigest),
        entries.map((entry) => digestOf(entry)),
      ];
      await client.query(
        `insert into audit_entries (institution_id, id, at, actor_id, actor_name, request_id, action, object, reason, after_digest, digest)
         select $1, * from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])`,
        [institutionId, ...columns],
      );
    }
  } finally {
    await client.end();
  }
  return { actors, objects, start, end, seconds: (performance.now() - began) / 1000 };

  function entryOf(n: number) {
    const at = start + n * 30_000;
    const pick = <T>(all: readonly T[], salt: string): T => all[draw(n, salt) % all.length] as T;
    const actorId = pick(actors, "actor");
    return {
      id: `aud_${hex(at, 12)}${hex(n, 20)}`,
      institutionId,
      at: new Date(at).toISOString(),
      actorId,
      actorName: `Person ${Number.parseInt(actorId.slice(4), 16)}`,
      requestId: `req_${hex(n, 32)}`,
      action: pick(ACTIONS, "action"),
      object: pick(objects, "object"),
      reason: n % 10_000 === 0 ? `季度贷款模型重训 ${n}` : n % 7 === 0 ? "floors met" : "",
      beforeDigest: null,
      afterDigest: createHash("sha256").update(String(n)).digest("hex"),
    };
  }
}

const hex = (number: number, length: number) => number.toString(16).padStart(length, "0");

/** Evenly spread and the same in every run. */
function draw(n: number, salt: string): number {
  return createHash("md5").update(`${salt} ${n}`).digest().readUInt32BE(0);
}

/** SHA-256 over canonical JSON, as the platform does it. */
function digestOf(entry: object): string {
  const members = Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",");
  return createHash("sha256").update(`{${text}}`).digest("hex");
}
