import { VERSION_STATES, type VersionState } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { aModel, aRelease } from "./builders.js";
import { checkDerivation, type DerivationClaim } from "./check-derivation.js";
import { testPolicy } from "./test-policy.js";

const codes = (claim: Partial<DerivationClaim>) =>
  checkDerivation(testPolicy, { model: aModel(), artifactKind: "adapter", seal: "declared", parents: [], ...claim }).map(
    ({ code }) => code,
  );
const adapterOf = (release: ReturnType<typeof aRelease>) => ({ ref: release.ref, relation: "adapter_of" as const, release });
const adapter = (state: VersionState) => aRelease({ tier: "institution", model: "northbank/cards", artifactKind: "adapter", state });

it("takes an adapter of a released finance model", () => {
  expect(codes({ parents: [adapterOf(aRelease())] })).toEqual([]);
});

it("refuses a version that names no parent where the tier wants one", () => {
  expect(codes({})).toEqual(["parent_required"]);
});

it("refuses a parent named twice, and one that cannot be seen", () => {
  expect(codes({ parents: [adapterOf(aRelease()), adapterOf(aRelease())] })).toEqual(["parent_duplicate"]);
  expect(codes({ parents: [{ ref: "finance/none@1", relation: "adapter_of", release: null }] })).toEqual(["parent_unknown"]);
});

it("refuses a relation that yields another kind of artifact", () => {
  expect(codes({ artifactKind: "full", parents: [adapterOf(aRelease())] })).toEqual(["relation_artifact"]);
});

it("merges a sealed adapter inside its own model, and never a draft or a withdrawn one", () => {
  for (const state of VERSION_STATES) {
    const merged = codes({
      artifactKind: "merged",
      parents: [{ ref: "northbank/cards@1", relation: "merged_from", release: adapter(state) }],
    });
    const allowed = state !== "draft" && state !== "quarantined" && state !== "recalled";
    expect([state, merged.length === 0]).toEqual([state, allowed]);
  }
});

it("lets a sealed derivation stand when its parent was deprecated after the job was asked for", () => {
  const parents = [adapterOf(aRelease({ state: "deprecated" }))];
  expect(codes({ parents, seal: "sealed" })).toEqual([]);
  expect(codes({ parents })).toEqual(["parent_not_released"]);
});

it("refuses parents whose regions exclude each other", () => {
  const inRegion = (ref: string, region: string) =>
    adapterOf(aRelease({ ref, effectiveTerms: { commercialUse: true, redistribution: true, regions: [region] } }));
  expect(codes({ parents: [inRegion("finance/a@1", "hk"), inRegion("finance/b@1", "sg")] })).toEqual(["terms_conflict"]);
});
