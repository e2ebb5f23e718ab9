import { Injectable } from "@nestjs/common";
import type { Release } from "@ziggurat/pyramid";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { refOf, releaseOf, type VersionRow } from "./version-row.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

/** A version as rules see a parent, with what the platform itself needs to hand it on. */
export interface FoundRelease extends Release {
  readonly id: string;
  readonly modelId: string;
  readonly institutionId: string;
  readonly number: number;
}

/** Versions for other features: as facts for rules, and as files for a job's spec. */
@Injectable()
export class Releases {
  constructor(private readonly versions: VersionsRepository) {}

  /** Those of these versions that the viewer of the transaction sees, by `ns/slug@n`. */
  async byRef(tx: Tx, refs: readonly string[]): Promise<Map<string, FoundRelease>> {
    const rows = refs.length === 0 ? [] : await this.versions.byRef(tx, refs);
    return new Map(rows.map((row) => [refOf(row), found(row)]));
  }

  async byId(tx: Tx, id: string): Promise<FoundRelease | null> {
    const [row] = await this.versions.byId(tx, [id]);
    return row === undefined ? null : found(row);
  }

  /** Every file of a version, by path. */
  files(tx: Tx, id: string): Promise<StoredFile[]> {
    return this.versions.files(tx, id, "", 100_000);
  }

  /** What an adapter was tuned on: the whole weights it needs beside it. Null for a version that is whole by itself. */
  async baseOf(tx: Tx, id: string): Promise<FoundRelease | null> {
    const parents = await this.versions.parents(tx, [id]);
    const base = parents.find(({ relation }) => relation === "adapter_of");
    return base === undefined ? null : this.byId(tx, base.parent_id);
  }
}

function found(row: VersionRow): FoundRelease {
  return { ...releaseOf(row), id: row.id, modelId: row.model_id, institutionId: row.institution_id, number: row.number };
}
