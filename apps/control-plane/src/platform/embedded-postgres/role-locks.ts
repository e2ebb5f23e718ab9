import type pg from "pg";
import { StartRefusal } from "../start-refusal.js";

/** What a process does for the platform. `all` does both; `operator` is a command that an operator runs beside them. */
export type ProcessRole = "all" | "http" | "worker" | "operator";

/** Advisory locks live in the `postgres` database under this class ("ZIGG" in ASCII). A lock is gone when its connection is. */
const lockClass = 0x5a494747;
const lockOf = { http: 1, worker: 2, operator: 4 } as const;
const door = 3;

type Duty = keyof typeof lockOf;
const dutiesOf = (role: ProcessRole): readonly Duty[] => (role === "all" ? ["http", "worker"] : [role]);

/** Runs one arrival or departure at a time, so that nobody adopts a server that the last process is stopping. */
export async function throughTheDoor<T>(session: pg.Client, act: () => Promise<T>): Promise<T> {
  await session.query("select pg_advisory_lock($1, $2)", [lockClass, door]);
  try {
    return await act();
  } finally {
    await session.query("select pg_advisory_unlock($1, $2)", [lockClass, door]).catch(() => undefined);
  }
}

/** Takes the duties of a role for this session. Throws StartRefusal, naming the process that has one of them. */
export async function takeRole(session: pg.Client, role: ProcessRole, place: string): Promise<void> {
  for (const duty of dutiesOf(role)) {
    const { rows } = await session.query<{ taken: boolean }>("select pg_try_advisory_lock($1, $2) as taken", [lockClass, lockOf[duty]]);
    if (rows[0]?.taken !== true) throw new StartRefusal(await alreadyTaken(session, duty, place));
  }
}

export async function leaveRole(session: pg.Client, role: ProcessRole): Promise<void> {
  for (const duty of dutiesOf(role)) await session.query("select pg_advisory_unlock($1, $2)", [lockClass, lockOf[duty]]);
}

/** True while any process, this one included, does a duty on this cluster. */
export async function isAnyoneHere(session: pg.Client): Promise<boolean> {
  const { rowCount } = await session.query(
    "select 1 from pg_locks where locktype = 'advisory' and granted and classid = $1 and objid <> $2 limit 1",
    [lockClass, door],
  );
  return rowCount !== 0;
}

/** The name a session carries in `pg_stat_activity`, so that a refusal can say who is there. */
export const sessionName = (role: ProcessRole): string => `ziggurat role ${role}, process ${process.pid}`;

async function alreadyTaken(session: pg.Client, duty: Duty, place: string): Promise<string> {
  const { rows } = await session.query<{ holder: string }>(
    `select application_name as holder from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and classid = $1 and objid = $2`,
    [lockClass, lockOf[duty]],
  );
  const holder = rows[0]?.holder ?? "another process";
  return `Another Ziggurat already does the ${duty} role on ${place} (${holder}). Stop it first, choose another role with ZIGGURAT_ROLE, or use another --data-dir.`;
}
