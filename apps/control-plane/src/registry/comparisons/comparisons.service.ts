import { Injectable } from "@nestjs/common";
import type { ComparedValue, Comparison, Version } from "@ziggurat/contracts";
import { type ComparedFact, compareVersions, type Score } from "@ziggurat/pyramid";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden } from "../../platform/errors/refusal.js";
import { GateFactsRepository } from "../versions/gate-facts.repository.js";
import { refOf } from "../versions/version-row.js";
import { VersionViews } from "../versions/version-views.js";
import { VersionsRepository } from "../versions/versions.repository.js";

/** The job that made a version, as far as the viewer sees it: an institution sees its own and none of the platform's. */
interface MakingRow {
  readonly version_id: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Of the attempt that succeeded, in seconds. */
  readonly seconds: number | null;
  readonly attempts: number;
}

/** Versions side by side. */
@Injectable()
export class Comparisons {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly versions: VersionsRepository,
    private readonly views: VersionViews,
    private readonly gateFacts: GateFactsRepository,
  ) {}

  /** @throws Refusal `hidden` when the viewer does not see one of them, whichever it is */
  compare(viewer: Viewer, refs: readonly string[]): Promise<Comparison> {
    return this.unitOfWork.snapshot(viewer, async (tx) => {
      const rows = await this.versions.byRef(tx, refs);
      const ordered = refs.flatMap((ref) => rows.find((row) => refOf(row) === ref) ?? []);
      if (ordered.length < refs.length) throw hidden();
      const ids = ordered.map(({ id }) => id);
      const scores = await this.gateFacts.of(tx, ids);
      const makings = await this.makings(tx, ids);
      const views = await this.views.of(tx, ordered);
      const facts = views.map((view, column) => {
        const { id = "", licence = null } = ordered[column] ?? {};
        return factsOf(
          view,
          licence,
          scores.get(id)?.scores ?? [],
          makings.find(({ version_id }) => version_id === id),
        );
      });
      return { versions: [...refs], rows: compareVersions(facts) };
    });
  }

  private makings(tx: Tx, ids: readonly string[]): Promise<MakingRow[]> {
    return tx.query<MakingRow>(
      `select v.id as version_id, j.hyperparameters, j.seed, extract(epoch from a.ended_at - a.started_at)::float8 as seconds,
         (select count(*)::int from attempts every where every.job_id = j.id) as attempts
       from versions v join jobs j on j.id = v.job_id left join attempts a on a.job_id = j.id and a.state = 'succeeded'
       where v.id = any($1)`,
      [ids],
    );
  }
}

function factsOf(version: Version, licence: string | null, scores: readonly Score[], making: MakingRow | undefined): ComparedFact[] {
  const { effectiveTerms: terms } = version;
  const recipe = Object.entries(making?.hyperparameters ?? {}).flatMap(([field, value]) => leaves(field, value));
  const all: readonly (readonly [ComparedFact["group"], string, ComparedValue])[] = [
    ...version.gates.map(({ gate, verdict }) => ["gates", gate, verdict] as const),
    ["recipe", "method", version.method],
    ...recipe.map(([field, value]) => ["recipe", field, value] as const),
    ["recipe", "seed", making?.seed ?? null],
    ["data", "datasets", [...version.datasets].sort()],
    ["origin", "parents", version.parents.map((parent) => parent.version).sort()],
    ["origin", "relations", [...new Set(version.parents.map(({ relation }) => relation))].sort()],
    ["origin", "seal", version.parents.some(({ seal }) => seal === "declared") ? "declared" : version.parents.length > 0 ? "sealed" : null],
    ["terms", "licence", licence],
    ["terms", "commercialUse", terms.commercialUse],
    ["terms", "redistribution", terms.redistribution],
    ["terms", "regions", [...terms.regions].sort()],
    ["size", "artifactKind", version.artifactKind],
    ["size", "parameters", version.parameters],
    ["size", "sizeBytes", version.sizeBytes],
    ["size", "fileCount", version.fileCount],
    ["size", "rootDigest", version.rootDigest],
    ["cost", "trainingSeconds", making?.seconds ?? null],
    ["cost", "attempts", making?.attempts ?? null],
    ["lifecycle", "tier", version.tier],
    ["lifecycle", "owner", version.owner],
    ["lifecycle", "state", version.state],
    ["lifecycle", "aliases", [...version.aliases].sort()],
    ["lifecycle", "sealedAt", version.sealedAt],
    ["lifecycle", "releasedAt", version.releasedAt],
  ];
  return [...scores.flatMap(metricsOf), ...all.map(([group, field, value]) => ({ group, field, on: null, value }))];
}

function metricsOf({ dataset, exactMatch, perplexity }: Score): ComparedFact[] {
  const metric = (field: string, value: number | null) =>
    value === null ? [] : [{ group: "metrics" as const, field, on: dataset, value }];
  return [...metric("exactMatch", exactMatch), ...metric("perplexity", perplexity)];
}

/** The values of a hyperparameter that is a group of them, by their paths: `architecture.layers`. */
function leaves(field: string, value: unknown): (readonly [field: string, value: ComparedValue])[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null) return [[field, value]];
  if (Array.isArray(value)) return [[field, value.map(String)]];
  return Object.entries(value ?? {}).flatMap(([name, inner]) => leaves(`${field}.${name}`, inner));
}
