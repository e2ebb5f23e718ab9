import { ancestryStands, evaluationComplete, noRemoteCode, type TierPolicy } from "@ziggurat/pyramid";
import { beatsParent } from "./beats-parent.js";
import { commercialUseAllowed } from "./commercial-use.js";
import { mayDerive } from "./entitlements.js";
import { fullTuneSize } from "./full-tune-size.js";

/** Bases up to this many parameters may be fully tuned by an institution without a waiver. */
export const DEFAULT_FULL_TUNE_MAX_PARAMETERS = 50_000_000;

/** The tier's policy with the platform's own size limit for full tuning, in parameters. */
export function institutionPolicyWith(fullTuneMaxParameters: number): TierPolicy {
  return {
    tier: "institution",
    namespace: null,
    registrars: ["institution_admin"],
    requesters: ["institution_member", "institution_admin"],
    approvingRoles: ["compliance_reviewer"],
    releasers: ["institution_admin"],
    withdrawers: ["institution_admin", "platform_engineer", "platform_admin"],
    parents: ["finance"],
    needsParent: true,
    methods: ["lora", "full", "merge"],
    artifacts: { lora: "adapter", full: "full", merge: "merged" },
    defaults: {
      // Adapters learn few weights and bear about ten times the rate of full tuning (Hu et al. 2021, LoRA, appendix D).
      lora: { learningRate: 0.001 },
      full: { learningRate: 0.0002 },
      merge: {},
      evaluate: {},
    },
    data: (dataset, model) => (dataset.owner === model.owner ? null : `${model.owner} uses its own data only, and ${dataset.ref} is not`),
    mayUse: mayDerive,
    extraRules: (facts) => [...fullTuneSize(facts, fullTuneMaxParameters), ...commercialUseAllowed(facts)],
    gates: [beatsParent, evaluationComplete, ancestryStands, noRemoteCode],
    approvers: 0,
    jobApprovers: ["institution_admin"],
    fullTuneMaxParameters,
    card: ["purpose", "limits", "trainingData", "contact", "languages"],
    requiresCard: false,
    isCatalogue: false,
  };
}

export const institutionPolicy: TierPolicy = institutionPolicyWith(DEFAULT_FULL_TUNE_MAX_PARAMETERS);
