import { Injectable } from "@nestjs/common";
import type { PutAliasProtection, Role } from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { ModelRow } from "../models/model-row.js";

export interface GuardRow {
  readonly roles: Role[];
  readonly second_person: boolean;
  readonly set_by: string;
  readonly set_at: Date;
  readonly reason: string;
}

/** What was stated about the protection of names; every statement stays. */
@Injectable()
export class AliasGuardsRepository {
  async newest(tx: Tx, modelId: string, name: string): Promise<GuardRow | null> {
    const [row] = await tx.query<GuardRow>(
      "select roles, second_person, set_by, set_at, reason from alias_guards where model_id = $1 and name = $2 order by n desc limit 1",
      [modelId, name],
    );
    return row ?? null;
  }

  async insert(tx: Tx, model: ModelRow, name: string, { roles, secondPerson, reason }: PutAliasProtection, by: string): Promise<void> {
    await tx.query(
      "insert into alias_guards (model_id, name, institution_id, roles, second_person, set_by, reason) values ($1, $2, $3, $4, $5, $6, $7)",
      [model.id, name, model.institution_id, roles, secondPerson, by, reason],
    );
  }
}
