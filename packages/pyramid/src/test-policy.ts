import { ancestryStands, evaluationComplete } from "./gates.js";
import type { TierPolicy } from "./tier-policy.js";

/** A policy of the upper tier for tests of this package, which knows no real one. */
export const testPolicy: TierPolicy = {
  tier: "institution",
  namespace: null,
  registrars: ["institution_admin"],
  requesters: ["institution_admin", "institution_member"],
  approvingRoles: ["compliance_reviewer"],
  releasers: ["institution_admin"],
  withdrawers: ["institution_admin", "platform_admin"],
  parents: ["finance"],
  needsParent: true,
  methods: ["lora", "merge"],
  artifacts: { lora: "adapter", merge: "merged" },
  defaults: { lora: { learningRate: 0.001 } },
  data: (dataset, model) => (dataset.owner === model.owner ? null : `${dataset.ref} belongs to somebody else`),
  mayUse: () => [],
  extraRules: () => [],
  gates: [ancestryStands, evaluationComplete],
  approvers: 0,
  jobApprovers: ["institution_admin"],
  fullTuneMaxParameters: null,
  card: ["purpose", "limits", "contact"],
  requiresCard: true,
  isCatalogue: false,
};
