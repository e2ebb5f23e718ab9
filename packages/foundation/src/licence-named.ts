import { type ReleaseGate, verdict } from "@ziggurat/pyramid";

/** Everything above inherits the licence, so a foundation model without one is not released. */
export const licenceNamed: ReleaseGate = {
  gate: "licence",
  limit: null,
  detail: "the model names its licence",
  check: ({ licence }) =>
    licence === null || licence === ""
      ? verdict("licence", "missing", "the model names no licence")
      : verdict("licence", "passed", licence),
};
