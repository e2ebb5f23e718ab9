import { Injectable } from "@nestjs/common";
import { Scope } from "@ziggurat/contracts";
import { z } from "zod";
import { PLATFORM_ID } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly scopes: readonly Scope[];
  readonly intervalSeconds: number;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly isOver: boolean;
  readonly decision: "approve" | "deny" | null;
  readonly userId: string | null;
  readonly isTaken: boolean;
  /** Whether the last question came less than the interval ago. */
  readonly isHasty: boolean;
}

interface Row {
  readonly id: string;
  readonly client_name: string;
  readonly address: string;
  readonly scopes: string[];
  readonly interval_seconds: number;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly is_over: boolean;
  readonly decision: "approve" | "deny" | null;
  readonly user_id: string | null;
  readonly is_taken: boolean;
  readonly is_hasty: boolean;
}

const COLUMNS = `id, client_name, address, scopes, interval_seconds, created_at, expires_at, expires_at <= now() as is_over, decision, user_id,
  taken_at is not null as is_taken,
  coalesce(last_asked_at > now() - make_interval(secs => interval_seconds), false) as is_hasty`;
const Scopes = z.array(Scope);

/** Command lines that ask to be let in. Kept for an hour after their end, so that whoever asks late hears why. */
@Injectable()
export class DevicesRepository {
  async insert(
    tx: Tx,
    device: { id: string; deviceHash: string; userCodeHash: string; name: string; address: string; scopes: readonly Scope[] },
    seconds: { readonly interval: number; readonly life: number },
  ): Promise<void> {
    await tx.query("delete from device_authorizations where expires_at < now() - interval '1 hour'");
    await tx.query(
      `insert into device_authorizations
         (id, institution_id, device_hash, user_code_hash, client_name, address, scopes, interval_seconds, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))`,
      [
        device.id,
        PLATFORM_ID,
        device.deviceHash,
        device.userCodeHash,
        device.name,
        device.address,
        device.scopes,
        seconds.interval,
        seconds.life,
      ],
    );
  }

  /** One that waits for a word, by the code that a person types. Locked until the transaction ends. */
  async lockWaiting(tx: Tx, userCodeHash: string): Promise<Device | null> {
    const [row] = await tx.query<Row>(
      `select ${COLUMNS} from device_authorizations where user_code_hash = $1 and decision is null and expires_at > now() for update`,
      [userCodeHash],
    );
    return row === undefined ? null : deviceOf(row);
  }

  async decide(tx: Tx, id: string, decision: "approve" | "deny", userId: string, scopes: readonly Scope[]): Promise<void> {
    await tx.query("update device_authorizations set decision = $2, user_id = $3, scopes = $4 where id = $1", [
      id,
      decision,
      userId,
      scopes,
    ]);
  }

  /** By the secret of the command line, locked until the transaction ends. */
  async lockByDevice(tx: Tx, deviceHash: string): Promise<Device | null> {
    const [row] = await tx.query<Row>(`select ${COLUMNS} from device_authorizations where device_hash = $1 for update`, [deviceHash]);
    return row === undefined ? null : deviceOf(row);
  }

  /** Notes that it was asked for; who asks too soon waits longer from then on. */
  async noteQuestion(tx: Tx, id: string, intervalSeconds: number): Promise<void> {
    await tx.query("update device_authorizations set last_asked_at = now(), interval_seconds = $2 where id = $1", [id, intervalSeconds]);
  }

  async take(tx: Tx, id: string): Promise<void> {
    await tx.query("update device_authorizations set taken_at = now() where id = $1", [id]);
  }
}

function deviceOf(row: Row): Device {
  return {
    id: row.id,
    name: row.client_name,
    address: row.address,
    scopes: Scopes.parse(row.scopes),
    intervalSeconds: row.interval_seconds,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    isOver: row.is_over,
    decision: row.decision,
    userId: row.user_id,
    isTaken: row.is_taken,
    isHasty: row.is_hasty,
  };
}
