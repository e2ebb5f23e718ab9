import { datasetName, hubOf, platformUri, producerUri, uuidOf } from "./names.js";
import { dataOf, type ExportedDataset, type ExportedJob, type ExportedVersion, type Provenance, parentsOf } from "./provenance.js";

const SPEC = "https://openlineage.io/spec";
export const RUN_EVENT_SCHEMA = `${SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent`;
/** Schema of the one facet that is ours; it ships beside this package. */
export const MODEL_FACET_SCHEMA = "urn:ziggurat:openlineage:ZigguratModelDatasetFacet:1-0-0";

export interface OpenLineageDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets: Readonly<Record<string, object>>;
  readonly inputFacets?: Readonly<Record<string, object>>;
  readonly outputFacets?: Readonly<Record<string, object>>;
}
export interface OpenLineageEvent {
  readonly eventTime: string;
  readonly eventType: "START" | "COMPLETE";
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Readonly<Record<string, object>> };
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: Readonly<Record<string, object>> };
  readonly inputs: readonly OpenLineageDataset[];
  readonly outputs: readonly OpenLineageDataset[];
}

/** OpenLineage 2-0-2: a START and a COMPLETE event for every job that sealed a version of the ancestry, ancestors first. */
export function openLineageEvents(provenance: Provenance): readonly OpenLineageEvent[] {
  const facets = new Facets(producerUri(provenance.authority, provenance.release));
  return provenance.versions.flatMap((version) => (version.job === null ? [] : eventsOf(provenance, facets, version, version.job)));
}

/** Every facet says who wrote it and by which schema. */
class Facets {
  constructor(readonly producer: string) {}

  of(version: string, name: string, content: object): object {
    return this.by(`${SPEC}/facets/${version}/${name}.json#/$defs/${name}`, content);
  }

  by(schema: string, content: object): object {
    return { _producer: this.producer, _schemaURL: schema, ...content };
  }
}

function eventsOf(provenance: Provenance, facets: Facets, version: ExportedVersion, jobId: string): readonly OpenLineageEvent[] {
  const { authority } = provenance;
  const job = provenance.jobs.find(({ id }) => id === jobId) ?? null;
  const [started, finished] = [job?.startedAt ?? version.sealedAt, job?.finishedAt ?? version.sealedAt];
  const common = { producer: facets.producer, schemaURL: RUN_EVENT_SCHEMA };
  const run = { runId: uuidOf(jobId), facets: runFacets(provenance, facets, version, job, started, finished) };
  const inputs = [
    ...parentsOf(provenance, version.ref).map(({ parent }) => modelDataset(provenance, facets, parent)),
    ...dataOf(provenance, version.ref).map((data) => dataDataset(authority, facets, data)),
  ];
  const outputs = [producedDataset(provenance, facets, version)];
  const named = {
    namespace: platformUri(authority, version.owner),
    name: `${version.model.split("/")[1]}.${version.method ?? "job"}`,
    facets: jobFacets(facets, version, job, inputs, outputs),
  };
  return [
    { ...common, eventType: "START", eventTime: started, run, job: named, inputs, outputs: [] },
    { ...common, eventType: "COMPLETE", eventTime: finished, run, job: named, inputs, outputs },
  ];
}

function runFacets(
  { release }: Provenance,
  facets: Facets,
  version: ExportedVersion,
  job: ExportedJob | null,
  started: string,
  finished: string,
): Readonly<Record<string, object>> {
  const tags = [{ key: "ziggurat.job", value: version.job ?? "", source: "ZIGGURAT" }];
  return {
    tags: facets.of("1-0-0", "TagsRunFacet", { tags }),
    processing_engine: facets.of("1-1-1", "ProcessingEngineRunFacet", { name: "ziggurat", version: release }),
    ...(job === null
      ? {}
      : {
          nominalTime: facets.of("1-0-1", "NominalTimeRunFacet", { nominalStartTime: started, nominalEndTime: finished }),
          executionParameters: facets.of("1-0-0", "ExecutionParametersRunFacet", { parameters: parametersOf(job) }),
        }),
  };
}

function parametersOf({ hyperparameters, seed }: ExportedJob): readonly object[] {
  const all = Object.entries({ ...hyperparameters, seed }).sort(([a], [b]) => (a < b ? -1 : 1));
  return all.map(([key, value]) => ({ key, name: key, value: typeof value === "string" ? value : JSON.stringify(value) }));
}

const JOB_TYPES: Readonly<Record<string, string>> = {
  pretrain: "PRETRAIN",
  continued: "CONTINUED_PRETRAIN",
  full: "FINE_TUNE",
  lora: "FINE_TUNE",
  merge: "MERGE",
};

function jobFacets(
  facets: Facets,
  version: ExportedVersion,
  job: ExportedJob | null,
  inputs: readonly OpenLineageDataset[],
  outputs: readonly OpenLineageDataset[],
): Readonly<Record<string, object>> {
  const named = ({ namespace, name }: OpenLineageDataset) => ({ namespace, name, type: "DATASET" });
  const entries = outputs.map((output) => ({ ...named(output), inputs: inputs.map(named) }));
  return {
    jobType: facets.of("2-0-4", "JobTypeJobFacet", {
      processingType: "BATCH",
      integration: "ZIGGURAT",
      jobType: JOB_TYPES[version.method ?? ""] ?? "JOB",
    }),
    ownership: facets.of("1-0-1", "OwnershipJobFacet", { owners: [{ name: version.owner, type: "INSTITUTION" }] }),
    lineage: facets.by(`${SPEC}/facets/1-0-0/LineageFacet.json#/$defs/LineageJobFacet`, { entries }),
    ...(job === null || job.reason === ""
      ? {}
      : { documentation: facets.of("1-1-0", "DocumentationJobFacet", { description: job.reason, contentType: "text/plain" }) }),
  };
}

/** A model is a dataset of type MODEL, named by its exact version. */
function modelDataset(provenance: Provenance, facets: Facets, ref: string): OpenLineageDataset {
  const version = provenance.versions.find((other) => other.ref === ref);
  const name = { namespace: hubOf(provenance.authority), name: ref };
  return { ...name, facets: version === undefined ? {} : modelFacets(provenance, facets, version), inputFacets: {} };
}

function producedDataset(provenance: Provenance, facets: Facets, version: ExportedVersion): OpenLineageDataset {
  const statistics = { size: version.sizeBytes, fileCount: version.files.length };
  return {
    namespace: hubOf(provenance.authority),
    name: version.ref,
    facets: {
      ...modelFacets(provenance, facets, version),
      lifecycleStateChange: facets.of("1-0-1", "LifecycleStateChangeDatasetFacet", { lifecycleStateChange: "CREATE" }),
    },
    outputFacets: { outputStatistics: facets.of("1-0-2", "OutputStatisticsOutputDatasetFacet", statistics) },
  };
}

function modelFacets(provenance: Provenance, facets: Facets, version: ExportedVersion): Readonly<Record<string, object>> {
  const parents = parentsOf(provenance, version.ref).map(({ parent, relation, seal, parentDigest }) => ({
    version: parent,
    relation,
    seal,
    rootDigest: parentDigest,
  }));
  return {
    datasetType: facets.of("1-0-1", "DatasetTypeDatasetFacet", { datasetType: "MODEL", subType: version.artifactKind.toUpperCase() }),
    version: facets.of("1-0-1", "DatasetVersionDatasetFacet", { datasetVersion: String(version.number) }),
    storage: facets.of("1-0-1", "StorageDatasetFacet", { storageLayer: "ziggurat", fileFormat: "safetensors" }),
    ownership: facets.of("1-0-1", "OwnershipDatasetFacet", { owners: [{ name: version.owner, type: "INSTITUTION" }] }),
    symlinks: facets.of("1-0-1", "SymlinksDatasetFacet", {
      identifiers: [{ namespace: hubOf(provenance.authority), name: version.model, type: "MODEL" }],
    }),
    tags: facets.of("1-0-0", "TagsDatasetFacet", {
      tags: [
        { key: "tier", value: version.tier, source: "ZIGGURAT" },
        { key: "state", value: version.state, source: "ZIGGURAT" },
      ],
    }),
    ziggurat_model: facets.by(MODEL_FACET_SCHEMA, {
      tier: version.tier,
      rootDigest: version.rootDigest,
      artifactKind: version.artifactKind,
      parameters: version.parameters,
      parents,
    }),
  };
}

function dataDataset(authority: string, facets: Facets, data: ExportedDataset): OpenLineageDataset {
  return {
    namespace: hubOf(authority),
    name: datasetName(data.ref),
    facets: {
      datasetType: facets.of("1-0-1", "DatasetTypeDatasetFacet", { datasetType: "FILE", subType: data.format.toUpperCase() }),
      version: facets.of("1-0-1", "DatasetVersionDatasetFacet", { datasetVersion: `sha256:${data.sha256}` }),
      storage: facets.of("1-0-1", "StorageDatasetFacet", { storageLayer: "ziggurat", fileFormat: "jsonl" }),
      ownership: facets.of("1-0-1", "OwnershipDatasetFacet", { owners: [{ name: data.owner, type: "INSTITUTION" }] }),
      tags: facets.of("1-0-0", "TagsDatasetFacet", {
        tags: [
          { key: "legalBasis", value: data.legalBasis, source: "ZIGGURAT" },
          { key: "licence", value: data.licence, source: "ZIGGURAT" },
          { key: "sensitivity", value: data.sensitivity, source: "ZIGGURAT" },
        ],
      }),
    },
    inputFacets: { inputStatistics: facets.of("1-0-0", "InputStatisticsInputDatasetFacet", { rowCount: data.rows, size: data.sizeBytes }) },
  };
}
