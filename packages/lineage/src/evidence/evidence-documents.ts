import type { VersionState } from "@ziggurat/contracts";
import type { EvidenceFacts, EvidenceMove } from "./evidence-facts.js";

/** The version a pack is about. */
export function subjectOf({ versions, version }: EvidenceFacts): EvidenceFacts["versions"][number] {
  const found = versions.find(({ ref }) => ref === version);
  if (found === undefined) throw new Error(`${version} is not among its own ancestry.`);
  return found;
}

/** The JSON documents of a pack, by the path each has in it. One question of an auditor, one file. */
export function evidenceDocuments(facts: EvidenceFacts): Readonly<Record<string, unknown>> {
  const { institution, model, at, alias, version, versions, moves } = facts;
  const stateOf = (ref: string) => stateAt(moves.filter((move) => move.version === ref));
  return {
    "subject.json": { institution, model, at, alias, version, rootDigest: subjectOf(facts).rootDigest, state: stateOf(version) },
    "ancestry.json": {
      versions: versions.map(({ files: _, terms: __, inspection: ___, ...rest }) => ({ ...rest, state: stateOf(rest.ref) })),
      derivations: facts.derivations,
    },
    "files.json": versions.map(({ ref, rootDigest, files }) => ({ version: ref, rootDigest, files })),
    "inspections.json": versions.map(({ ref, inspection }) => ({ version: ref, inspection })),
    "data.json": { uses: facts.uses, datasets: facts.datasets },
    "evaluations.json": facts.evaluations,
    "approvals.json": { jobs: facts.jobs, transitions: moves },
    "terms.json": versions.map(({ ref, terms }) => ({ version: ref, terms })),
    "recalls.json": {
      recalls: facts.recalls,
      withdrawn: moves.filter(({ state }) => state === "quarantined" || state === "recalled"),
      deprecations: facts.deprecations,
    },
  };
}

/** The state after the last of a version's moves. */
function stateAt(moves: readonly EvidenceMove[]): VersionState {
  const last = moves.at(-1);
  if (last === undefined) throw new Error("A sealed version has entered a state.");
  return last.state;
}
