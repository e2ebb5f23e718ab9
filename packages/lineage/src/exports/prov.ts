import { datasetName, platformUri } from "./names.js";
import { type ExportedEvaluation, type ExportedVersion, focusOf, type Provenance, parentsOf, scoreOf } from "./provenance.js";

type Attributes = Readonly<Record<string, unknown>>;

/** W3C PROV in its JSON form: versions, data and evaluation reports are entities, jobs activities, people and institutions agents. */
export function provDocument(provenance: Provenance): object {
  const records = new Records();
  for (const version of provenance.versions) addVersion(records, provenance, version);
  for (const data of provenance.datasets) {
    records.add("entity", local(datasetName(data.ref)), {
      "prov:type": qualified("zig:Dataset"),
      "prov:label": data.name,
      "zig:sha256": data.sha256,
      "zig:rows": data.rows,
      "zig:licence": data.licence,
      "zig:legalBasis": data.legalBasis,
      "zig:sensitivity": data.sensitivity,
    });
    addInstitution(records, data.owner, data.ownerName);
    records.relate("wasAttributedTo", { "prov:entity": local(datasetName(data.ref)), "prov:agent": institution(data.owner) });
  }
  for (const evaluation of provenance.evaluations) addEvaluation(records, evaluation);
  const prefix = { zig: `${platformUri(provenance.authority)}/` };
  return { prefix, ...records.all(), ...aboutFocus(provenance) };
}

/** Records of one document, and relations numbered in the order they are made. */
class Records {
  private readonly kinds = new Map<string, Map<string, Attributes>>();
  private relations = 0;

  /** The same thing added twice is one record. */
  add(kind: "entity" | "activity" | "agent", id: string, attributes: Attributes): void {
    this.of(kind).set(id, attributes);
  }

  relate(kind: string, attributes: Attributes): void {
    this.relations += 1;
    this.of(kind).set(`_:r${this.relations}`, attributes);
  }

  all(): Readonly<Record<string, Readonly<Record<string, Attributes>>>> {
    return Object.fromEntries([...this.kinds].map(([kind, found]) => [kind, Object.fromEntries(found)]));
  }

  private of(kind: string): Map<string, Attributes> {
    const found = this.kinds.get(kind) ?? new Map<string, Attributes>();
    this.kinds.set(kind, found);
    return found;
  }
}

const local = (name: string): string => `zig:${name}`;
const institution = (slug: string): string => local(`institutions/${slug}`);
const qualified = (name: string) => ({ $: name, type: "prov:QUALIFIED_NAME" });
const present = (attributes: Readonly<Record<string, unknown>>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined && value !== ""));

function addVersion(records: Records, provenance: Provenance, version: ExportedVersion): void {
  const entity = local(version.ref);
  records.add(
    "entity",
    entity,
    present({
      "prov:type": [qualified("prov:Collection"), qualified("zig:ModelVersion")],
      "prov:label": version.name,
      "zig:tier": version.tier,
      "zig:state": version.state,
      "zig:artifactKind": version.artifactKind,
      "zig:rootDigest": version.rootDigest,
      "zig:licence": version.licence,
      "zig:sealedAt": version.sealedAt,
      "zig:releasedAt": version.releasedAt,
    }),
  );
  addInstitution(records, version.owner, version.ownerName);
  records.relate("wasAttributedTo", { "prov:entity": entity, "prov:agent": institution(version.owner) });
  const activity = version.job === null ? null : local(version.job);
  if (activity !== null && version.job !== null) addJob(records, provenance, version, version.job);
  for (const { parent, relation, seal, parentDigest } of parentsOf(provenance, version.ref)) {
    if (activity !== null) {
      records.relate("used", { "prov:activity": activity, "prov:entity": local(parent), "prov:role": qualified("zig:base_model") });
    }
    const isRevision = parent.split("@")[0] === version.model;
    records.relate(
      "wasDerivedFrom",
      present({
        "prov:generatedEntity": entity,
        "prov:usedEntity": local(parent),
        "prov:activity": activity,
        "prov:type": isRevision ? qualified("prov:Revision") : null,
        "zig:relation": relation,
        "zig:seal": seal,
        "zig:parentDigest": parentDigest,
      }),
    );
  }
}

function addJob(records: Records, provenance: Provenance, version: ExportedVersion, jobId: string): void {
  const job = provenance.jobs.find(({ id }) => id === jobId) ?? null;
  const activity = local(jobId);
  records.add(
    "activity",
    activity,
    present({
      "prov:startTime": job?.startedAt,
      "prov:endTime": job?.finishedAt ?? version.sealedAt,
      "prov:type": qualified("zig:Job"),
      "zig:method": version.method,
      "zig:seed": job?.seed,
      "zig:hyperparameters": job === null ? null : canonical(job.hyperparameters),
    }),
  );
  records.relate("wasGeneratedBy", { "prov:entity": local(version.ref), "prov:activity": activity, "prov:time": version.sealedAt });
  for (const { version: learner, dataset } of provenance.uses) {
    if (learner !== version.ref) continue;
    records.relate("used", {
      "prov:activity": activity,
      "prov:entity": local(datasetName(dataset)),
      "prov:role": qualified("zig:training_data"),
    });
  }
  if (job === null) return;
  addPerson(records, job.requestedBy, job.owner);
  records.relate("wasAssociatedWith", {
    "prov:activity": activity,
    "prov:agent": local(job.requestedBy.id),
    "prov:role": qualified("zig:requester"),
  });
  for (const approver of job.approvals) {
    addPerson(records, approver, job.owner);
    records.relate("wasAssociatedWith", {
      "prov:activity": activity,
      "prov:agent": local(approver.id),
      "prov:role": qualified("zig:approver"),
    });
  }
  if (job.cluster === null) return;
  const cluster = local(`clusters/${job.cluster.name}`);
  records.add("agent", cluster, { "prov:type": qualified("prov:SoftwareAgent"), "zig:driver": job.cluster.driver });
  records.relate("wasAssociatedWith", { "prov:activity": activity, "prov:agent": cluster, "prov:role": qualified("zig:cluster") });
}

/** Keys in order, so that two documents of the same job have the same text. */
function canonical(parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function addPerson(records: Records, person: { readonly id: string; readonly name: string }, owner: string): void {
  const agent = local(person.id);
  records.add("agent", agent, { "prov:type": qualified("prov:Person"), "prov:label": person.name });
  records.relate("actedOnBehalfOf", { "prov:delegate": agent, "prov:responsible": institution(owner) });
}

function addInstitution(records: Records, slug: string, name: string): void {
  records.add("agent", institution(slug), { "prov:type": qualified("prov:Organization"), "prov:label": name });
}

function addEvaluation(records: Records, evaluation: ExportedEvaluation): void {
  const [report, activity] = [local(evaluation.id), local(evaluation.job)];
  const score = scoreOf(evaluation);
  records.add("entity", report, {
    "prov:type": qualified("zig:EvaluationReport"),
    "zig:rows": evaluation.rows,
    "zig:rootDigest": evaluation.rootDigest,
    "zig:itemsSha256": evaluation.itemsSha256,
    ...(score === null ? {} : { [`zig:${score.name}`]: { $: String(score.value), type: "xsd:double" } }),
  });
  records.add("activity", activity, { "prov:endTime": evaluation.createdAt, "prov:type": qualified("zig:Evaluation") });
  records.relate("used", { "prov:activity": activity, "prov:entity": local(evaluation.version), "prov:role": qualified("zig:evaluated") });
  records.relate("used", {
    "prov:activity": activity,
    "prov:entity": local(datasetName(evaluation.dataset)),
    "prov:role": qualified("zig:validation_data"),
  });
  records.relate("wasGeneratedBy", { "prov:entity": report, "prov:activity": activity, "prov:time": evaluation.createdAt });
}

/** The version asked for stands in the document as one specialization of its model. */
function aboutFocus(provenance: Provenance): object {
  const { ref, model } = focusOf(provenance);
  return { specializationOf: { "_:focus": { "prov:specificEntity": local(ref), "prov:generalEntity": local(model) } } };
}
