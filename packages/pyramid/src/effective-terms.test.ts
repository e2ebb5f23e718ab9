import fc from "fast-check";
import { expect, it } from "vitest";
import { effectiveTerms, isAtLeastAsStrict, NOWHERE } from "./effective-terms.js";

const terms = fc.record({
  commercialUse: fc.boolean(),
  redistribution: fc.boolean(),
  regions: fc.uniqueArray(fc.constantFrom("cn-north", "cn-south", "hk", "sg"), { maxLength: 4 }),
});

it("only narrows: the result is at least as strict as the model's own terms and every parent's", () => {
  fc.assert(
    fc.property(terms, fc.array(terms, { maxLength: 5 }), (own, parents) => {
      const effective = effectiveTerms(own, parents);
      for (const outer of [own, ...parents]) expect(isAtLeastAsStrict(effective, outer)).toBe(true);
    }),
  );
});

it("does not depend on the order of the parents", () => {
  fc.assert(
    fc.property(terms, fc.array(terms, { maxLength: 4 }), (own, parents) => {
      const sorted = (list: readonly string[]) => [...list].sort();
      const one = effectiveTerms(own, parents);
      const other = effectiveTerms(own, [...parents].reverse());
      expect({ ...one, regions: sorted(one.regions) }).toEqual({ ...other, regions: sorted(other.regions) });
    }),
  );
});

it("leaves nowhere, not anywhere, when two lists of regions have nothing in common", () => {
  const open = { commercialUse: true, redistribution: true };
  expect(effectiveTerms({ ...open, regions: ["hk"] }, [{ ...open, regions: ["sg"] }]).regions).toEqual([NOWHERE]);
});
