import { SPDX } from "@cyclonedx/cyclonedx-library";
import { datasetUri, modelUri, platformUri, uuidOf } from "./names.js";
import {
  dataOf,
  type ExportedDataset,
  type ExportedVersion,
  focusOf,
  type Provenance,
  parentsOf,
  scoreOf,
  scoresOf,
} from "./provenance.js";

export const CYCLONE_DX_VERSION = "1.7";

/**
 * CycloneDX 1.7 ML-BOM: the version with its model card, its ancestors nested as its pedigree, and ancestors and data once more as
 * components joined by `dependencies`, because many viewers do not look into a pedigree.
 */
export function cycloneDxBom(provenance: Provenance): object {
  const { authority, release, versions, datasets } = provenance;
  const focus = focusOf(provenance);
  const ancestors = versions.filter(({ ref }) => ref !== focus.ref);
  return {
    $schema: `http://cyclonedx.org/schema/bom-${CYCLONE_DX_VERSION}.schema.json`,
    bomFormat: "CycloneDX",
    specVersion: CYCLONE_DX_VERSION,
    serialNumber: `urn:uuid:${uuidOf(`${modelUri(authority, focus.ref)} ${focus.rootDigest}`)}`,
    version: 1,
    metadata: {
      timestamp: focus.releasedAt ?? focus.sealedAt,
      tools: { components: [{ type: "application", name: "ziggurat", version: release }] },
      supplier: { name: focus.ownerName },
      component: { ...component(provenance, focus), ...pedigree(provenance, focus, new Set([focus.ref])) },
    },
    components: [...ancestors.map((version) => component(provenance, version)), ...datasets.map((data) => dataComponent(authority, data))],
    dependencies: [
      ...versions.map((version) => ({
        ref: modelUri(authority, version.ref),
        dependsOn: [
          ...parentsOf(provenance, version.ref).map(({ parent }) => modelUri(authority, parent)),
          ...dataOf(provenance, version.ref).map(({ ref }) => datasetUri(authority, ref)),
        ].sort(),
      })),
      ...datasets.map(({ ref }) => ({ ref: datasetUri(authority, ref) })),
    ],
  };
}

function component(provenance: Provenance, version: ExportedVersion): object {
  return { "bom-ref": modelUri(provenance.authority, version.ref), ...body(provenance, version) };
}

function body(provenance: Provenance, version: ExportedVersion): object {
  const [group, name] = version.model.split("/");
  return {
    type: "machine-learning-model",
    // Who made it, where the card names a maker outside.
    supplier: { name: version.card.supplier === "" ? version.ownerName : version.card.supplier },
    group,
    name,
    version: String(version.number),
    description: version.card.purpose === "" ? version.name : version.card.purpose,
    hashes: [{ alg: "SHA-256", content: version.rootDigest }],
    ...licences(version.licence),
    purl: `pkg:generic/${version.model}@${version.number}?checksum=sha256:${version.rootDigest}`,
    modelCard: modelCard(provenance, version),
    properties: properties(version),
  };
}

/** Each ancestor in full where it is first met; met again, as through a merge, by name only, or a bushy ancestry would not end. */
function pedigree(provenance: Provenance, version: ExportedVersion, written: Set<string>): object {
  const parents = parentsOf(provenance, version.ref);
  if (parents.length === 0) return {};
  const ancestors = parents.flatMap(({ parent }) => {
    const found = provenance.versions.find(({ ref }) => ref === parent);
    if (found === undefined) return [];
    if (written.has(parent)) return [body(provenance, found)];
    written.add(parent);
    return [{ ...body(provenance, found), ...pedigree(provenance, found, written) }];
  });
  const notes = parents.map(({ parent, relation, seal, job }) => `${relation} ${parent}, ${seal}${job === null ? "" : ` by ${job}`}`);
  return { pedigree: { ancestors, notes: notes.join("; ") } };
}

/** An SPDX identifier where the text is one, else a name. */
function licences(licence: string | null): object {
  if (licence === null || licence === "") return {};
  const id = SPDX.fixupSpdxId(licence);
  return { licenses: [{ license: id === undefined ? { name: licence } : { id } }] };
}

const APPROACHES: Readonly<Record<string, string>> = {
  pretrain: "self-supervised",
  continued: "self-supervised",
  full: "supervised",
  lora: "supervised",
};

function modelCard(provenance: Provenance, version: ExportedVersion): object {
  const { card } = version;
  const approach = APPROACHES[version.method ?? ""];
  const metrics = scoresOf(provenance, version.ref).flatMap((evaluation) => {
    const score = scoreOf(evaluation);
    return score === null ? [] : [{ type: score.name, value: String(score.value), slice: evaluation.dataset }];
  });
  return {
    modelParameters: {
      ...(approach === undefined ? {} : { approach: { type: approach } }),
      task: version.scenario ?? "text-generation",
      datasets: dataOf(provenance, version.ref).map(({ ref }) => ({ ref: datasetUri(provenance.authority, ref) })),
      inputs: [{ format: "text" }],
      outputs: [{ format: "text" }],
    },
    ...(metrics.length === 0 ? {} : { quantitativeAnalysis: { performanceMetrics: metrics } }),
    considerations: {
      ...(card.purpose === "" ? {} : { useCases: [card.purpose] }),
      ...(card.limits === "" ? {} : { technicalLimitations: [card.limits] }),
    },
  };
}

function properties(version: ExportedVersion): readonly object[] {
  const all: Record<string, string | null> = {
    "ziggurat:artifactKind": version.artifactKind,
    "ziggurat:commercialUse": String(version.terms.commercialUse),
    "ziggurat:job": version.job,
    "ziggurat:method": version.method,
    "ziggurat:parameters": version.parameters === null ? null : String(version.parameters),
    "ziggurat:redistribution": String(version.terms.redistribution),
    "ziggurat:regions": version.terms.regions.length === 0 ? null : version.terms.regions.join(","),
    "ziggurat:rootDigest": version.rootDigest,
    "ziggurat:sizeBytes": String(version.sizeBytes),
    "ziggurat:state": version.state,
    "ziggurat:tier": version.tier,
  };
  return Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

function dataComponent(authority: string, data: ExportedDataset): object {
  const [path = "", number] = data.ref.split("@");
  const [group, name] = path.split("/");
  return {
    type: "data",
    "bom-ref": datasetUri(authority, data.ref),
    group,
    name,
    version: number,
    description: data.name,
    hashes: [{ alg: "SHA-256", content: data.sha256 }],
    ...licences(data.licence),
    data: [
      {
        type: "dataset",
        name: data.ref,
        contents: {
          properties: [
            { name: "ziggurat:format", value: data.format },
            { name: "ziggurat:rows", value: String(data.rows) },
            { name: "ziggurat:sizeBytes", value: String(data.sizeBytes) },
          ],
        },
        classification: data.sensitivity,
        ...(data.sensitivity === "personal" ? { sensitiveData: ["personal data"] } : {}),
        governance: { owners: [{ organization: { name: data.ownerName } }] },
      },
    ],
    properties: [
      { name: "ziggurat:legalBasis", value: data.legalBasis },
      { name: "ziggurat:owner", value: platformUri(authority, data.owner) },
    ],
  };
}
