import { datasetUri, modelUri, platformUri } from "./names.js";
import {
  dataOf,
  type ExportedEvaluation,
  type ExportedJob,
  type ExportedVersion,
  type Provenance,
  parentsOf,
  scoreOf,
  scoresOf,
} from "./provenance.js";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const SLSA_PROVENANCE = "https://slsa.dev/provenance/v1";
/** How a tune, pre-training or merge job of ours turns its parameters into a version; the number moves when their meaning does. */
export const BUILD_TYPE = "urn:ziggurat:job:1";
export const IN_TOTO_PAYLOAD = "application/vnd.in-toto+json";

/**
 * in-toto Statements with SLSA provenance, one for every version of the ancestry that a job made, ancestors first. A statement's
 * dependencies carry the digests of the other statements' subjects, so the chain can be walked without us.
 */
export function inTotoStatements(provenance: Provenance): readonly object[] {
  return provenance.versions.flatMap((version) => (version.job === null ? [] : [statementOf(provenance, version, version.job)]));
}

function statementOf(provenance: Provenance, version: ExportedVersion, jobId: string): object {
  const { authority } = provenance;
  const job = provenance.jobs.find(({ id }) => id === jobId) ?? null;
  return {
    _type: STATEMENT_TYPE,
    subject: subjects(version),
    predicateType: SLSA_PROVENANCE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: externalParameters(provenance, version, job),
        internalParameters: job === null ? {} : internalParameters(job),
        resolvedDependencies: dependencies(provenance, version),
      },
      runDetails: {
        builder: { id: platformUri(authority, "builder") },
        metadata: {
          invocationId: jobId,
          ...(job === null || job.startedAt === null ? {} : { startedOn: job.startedAt }),
          finishedOn: job?.finishedAt ?? version.sealedAt,
        },
        byproducts: scoresOf(provenance, version.ref).map(byproduct),
      },
    },
  };
}

/** The version as a whole, by its root digest, and then what it consists of that a model is loaded from. */
function subjects(version: ExportedVersion): readonly object[] {
  const weights = version.files.filter(({ kind }) => kind === "weights" || kind === "adapter");
  return [
    { name: version.ref, digest: { sha256: version.rootDigest } },
    ...weights.map(({ path, sha256 }) => ({ name: `${version.ref}/${path}`, digest: { sha256 } })),
  ];
}

/** Everything the requester chose; of a job the viewer may not look into, what the catalogue says. */
function externalParameters(provenance: Provenance, version: ExportedVersion, job: ExportedJob | null): object {
  return {
    model: version.model,
    method: version.method,
    base: parentsOf(provenance, version.ref).map(({ parent }) => parent),
    datasets: dataOf(provenance, version.ref).map(({ ref }) => ref),
    ...(job === null ? {} : { kind: job.kind, hyperparameters: job.hyperparameters, seed: job.seed }),
  };
}

function internalParameters({ cluster, attempt, requestedBy, approvals }: ExportedJob): object {
  return {
    ...(cluster === null ? {} : { cluster: cluster.name, driver: cluster.driver }),
    ...(attempt === null ? {} : { attempt }),
    requestedBy: requestedBy.id,
    approvedBy: approvals.map(({ id }) => id),
  };
}

function dependencies(provenance: Provenance, version: ExportedVersion): readonly object[] {
  const { authority } = provenance;
  const parents = parentsOf(provenance, version.ref).map(({ parent, relation, seal, parentDigest }) => ({
    name: parent,
    uri: modelUri(authority, parent),
    ...(parentDigest === null ? {} : { digest: { sha256: parentDigest } }),
    annotations: { role: "base_model", relation, seal },
  }));
  const data = dataOf(provenance, version.ref).map(({ ref, sha256 }) => ({
    name: `datasets/${ref}`,
    uri: datasetUri(authority, ref),
    digest: { sha256 },
    annotations: { role: "training_data" },
  }));
  return [...parents, ...data];
}

function byproduct(evaluation: ExportedEvaluation): object {
  const score = scoreOf(evaluation);
  return {
    name: evaluation.id,
    digest: { sha256: evaluation.itemsSha256 },
    annotations: {
      kind: "evaluation",
      dataset: evaluation.dataset,
      rows: evaluation.rows,
      ...(score === null ? {} : { [score.name]: score.value }),
    },
  };
}
