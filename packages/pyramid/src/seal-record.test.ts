import type { SealRecord } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { sealDifferences, sealRecord } from "./seal-record.js";

const parent = (ref: string, given: Partial<SealRecord["parents"][number]> = {}): SealRecord["parents"][number] => ({
  ref,
  relation: "finetuned_from",
  seal: "sealed",
  rootDigest: "aa",
  job: null,
  ...given,
});
const aRecord = (given: Partial<SealRecord> = {}): SealRecord =>
  sealRecord({
    id: "ver_1",
    ref: "northbank/cards@1",
    institution: "ins_1",
    model: "mod_1",
    tier: "institution",
    artifactKind: "full",
    state: "sealed",
    rootDigest: "bb",
    sizeBytes: 4,
    parameters: 4,
    notes: "",
    effectiveTerms: { commercialUse: true, redistribution: false, regions: ["cn", "hk"] },
    inspection: null,
    files: "cc",
    job: null,
    method: null,
    createdBy: "member",
    createdAt: "2026-01-01T00:00:00.000000Z",
    sealedAt: "2026-01-01T00:00:00.000000Z",
    parents: [parent("finance/a@1"), parent("finance/b@1"), parent("finance/c@1")],
    datasets: [{ ref: "northbank/calls@1", sha256: "dd", job: null }],
    ...given,
  });

describe("the record of a sealed version", () => {
  it("is the same whoever lists parents and data, in whatever order", () => {
    const { parents } = aRecord();
    expect(aRecord({ parents: [...parents].reverse() })).toEqual(aRecord());
  });

  it("equals itself, and the state that moved on is no difference", () => {
    expect(sealDifferences(aRecord(), aRecord({ state: "released" }))).toEqual([]);
  });

  it("names a changed member with what it was and what it is", () => {
    const changed = aRecord({ method: "lora", effectiveTerms: { commercialUse: true, redistribution: true, regions: ["cn"] } });
    expect(sealDifferences(aRecord(), changed)).toEqual([
      { field: "effectiveTerms.redistribution", was: "false", is: "true" },
      { field: "effectiveTerms.regions", was: '["cn","hk"]', is: '["cn"]' },
      { field: "method", was: null, is: "lora" },
    ]);
  });

  it("names a parent by its place in the sealed list, also where the new one sorts elsewhere", () => {
    const changed = aRecord({ parents: [parent("finance/z@9"), parent("finance/b@1"), parent("finance/c@1")] });
    expect(sealDifferences(aRecord(), changed)).toEqual([{ field: "parents[0].ref", was: "finance/a@1", is: "finance/z@9" }]);
  });

  it("tells a row that was taken out, and one that was put in, as one row", () => {
    const less = aRecord({ parents: [parent("finance/a@1"), parent("finance/c@1")] });
    const more = aRecord({ datasets: [...aRecord().datasets, { ref: "northbank/other@1", sha256: "ee", job: null }] });
    expect(sealDifferences(aRecord(), less)).toEqual([
      { field: "parents[1]", was: "ref finance/b@1, relation finetuned_from, rootDigest aa, seal sealed", is: null },
    ]);
    expect(sealDifferences(aRecord(), more)).toEqual([{ field: "datasets[1]", was: null, is: "ref northbank/other@1, sha256 ee" }]);
  });
});
