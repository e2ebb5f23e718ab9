import { Inject, Injectable } from "@nestjs/common";
import { Card, type GateResult, idOf, Terms, type Version } from "@ziggurat/contracts";
import { type CardItem, cardGaps, checkProof, gateResults, type MoveFacts, movesFor } from "@ziggurat/pyramid";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { Separation } from "../../separation/separation.service.js";
import { PYRAMID, type Pyramid, viewerFacts } from "../pyramid.js";
import { RetainedRepository } from "../retained.repository.js";
import { GateFactsRepository } from "./gate-facts.repository.js";
import { refOf, type VersionRow } from "./version-row.js";
import { VersionsRepository } from "./versions.repository.js";

/** Where only the proof is asked for, and not who would move it. */
const NOBODYS = { contributions: [], approver: { account: { id: "", kind: "person", keys: [] }, behind: [] } } as const;
const VersionId = idOf("version");
const JobId = idOf("job");

/** Versions as the contract shows them to this viewer: with gates asked at this moment and the moves open now. */
@Injectable()
export class VersionViews {
  constructor(
    private readonly versions: VersionsRepository,
    private readonly gateFacts: GateFactsRepository,
    private readonly retained: RetainedRepository,
    private readonly separation: Separation,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  async of(tx: Tx, rows: readonly VersionRow[]): Promise<Version[]> {
    const ids = rows.map(({ id }) => id);
    const [gates, quarantines, parents, datasets, aliases, held, purged, unserved, works] = await Promise.all([
      this.gates(tx, rows),
      this.versions.quarantines(tx, rows),
      this.versions.parents(tx, ids),
      this.versions.datasets(tx, ids),
      this.versions.aliases(tx, ids),
      this.retained.heldVersions(tx, ids),
      this.retained.purgedVersions(tx, ids),
      this.versions.unserved(tx, ids),
      this.separation.of(tx, "version", ids),
    ]);
    return rows.map((row) => {
      const work = works.get(row.id);
      const facts = this.moveFacts(row, gates.get(row.id) ?? [], {
        quarantine: quarantines.get(row.id) ?? null,
        isPurged: purged.has(row.id),
        cardGaps: this.cardGaps(row),
        unserved: unserved.get(row.id) ?? [],
        ...(work === undefined ? {} : { work }),
      });
      const policy = this.pyramid[row.tier];
      return {
        id: VersionId.parse(row.id),
        ref: refOf(row),
        model: `${row.namespace}/${row.slug}`,
        number: row.number,
        tier: row.tier,
        owner: row.owner,
        state: row.state,
        artifactKind: row.artifact_kind,
        rootDigest: row.root_digest,
        sizeBytes: Number(row.size_bytes),
        fileCount: row.file_count,
        parameters: row.parameters === null ? null : Number(row.parameters),
        notes: row.notes,
        parents: parents
          .filter(({ child_id }) => child_id === row.id)
          .map(({ ref, relation, seal, parent_digest }) => ({ version: ref, relation, seal, rootDigest: parent_digest })),
        datasets: datasets.filter(({ version_id }) => version_id === row.id).map(({ ref }) => ref),
        job: row.job_id === null ? null : JobId.parse(row.job_id),
        method: row.method,
        gates: [...facts.gates],
        approvers: { required: policy.approvers, given: facts.approversGiven },
        moves: movesFor(policy, viewerFacts(tx.viewer), facts),
        contributors: tx.viewer.institutionSlug === row.owner ? [...(work?.contributors ?? [])] : [],
        aliases: aliases.filter(({ version_id }) => version_id === row.id).map(({ name }) => name),
        effectiveTerms: Terms.parse(row.effective_terms),
        isHeld: held.has(row.id),
        purged: purged.get(row.id) ?? null,
        createdAt: row.created_at.toISOString(),
        createdBy: row.created_by,
        sealedAt: row.sealed_at?.toISOString() ?? null,
        releasedAt: row.released_at?.toISOString() ?? null,
      };
    });
  }

  /** Answers of the gates, by version, at this moment and for the bytes each version has. */
  async gates(tx: Tx, rows: readonly Pick<VersionRow, "id" | "tier">[]): Promise<Map<string, GateResult[]>> {
    const facts = await this.gateFacts.of(
      tx,
      rows.map(({ id }) => id),
    );
    return new Map(
      rows.map(({ id, tier }) => {
        const known = facts.get(id);
        return [id, known === undefined ? [] : gateResults(this.pyramid[tier], known)];
      }),
    );
  }

  /** Those whose proof holds at this moment. */
  async proven<R extends Pick<VersionRow, "id" | "tier" | "state" | "owner">>(tx: Tx, rows: readonly R[]): Promise<R[]> {
    const gates = await this.gates(tx, rows);
    return rows.filter((row) => checkProof(this.pyramid[row.tier], this.moveFacts(row, gates.get(row.id) ?? [])).length === 0);
  }

  /** Human approvers come with the review workbench; until then nobody has given a word and policies ask for none. */
  moveFacts(
    row: Pick<VersionRow, "state" | "owner">,
    gates: readonly GateResult[],
    { quarantine = null, isPurged = false, cardGaps = [], unserved = [], work = NOBODYS }: Partial<MoveFacts> = {},
  ): MoveFacts {
    return { state: row.state, owner: row.owner, gates, approversGiven: 0, quarantine, isPurged, cardGaps, unserved, work };
  }

  cardGaps(row: Pick<VersionRow, "tier" | "card" | "licence">): CardItem[] {
    return cardGaps(this.pyramid[row.tier], { card: Card.parse(row.card), licence: row.licence });
  }
}
