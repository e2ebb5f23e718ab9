import { ancestryStands, evaluationComplete, noRemoteCode, PLATFORM, type TierPolicy } from "@ziggurat/pyramid";
import { financeImproved, generalKept } from "./perplexity-gates.js";

const ENGINEERS = ["platform_engineer", "platform_admin"] as const;

export const financePolicy: TierPolicy = {
  tier: "finance",
  namespace: "finance",
  registrars: ENGINEERS,
  requesters: ENGINEERS,
  approvingRoles: ["platform_engineer", "compliance_reviewer"],
  releasers: ENGINEERS,
  withdrawers: ENGINEERS,
  parents: ["foundation", "finance"],
  needsParent: true,
  methods: ["continued", "full", "lora", "merge"],
  artifacts: { continued: "full", full: "full", lora: "adapter", merge: "merged" },
  defaults: {
    // Adapters learn few weights and bear about ten times the rate of full tuning (Hu et al. 2021, LoRA, appendix D).
    continued: { learningRate: 0.0005 },
    full: { learningRate: 0.0002 },
    lora: { learningRate: 0.001 },
    merge: {},
    evaluate: {},
  },
  data: (dataset) =>
    dataset.owner === PLATFORM ? null : `finance models never learn from an institution's data, and ${dataset.ref} is one's`,
  mayUse: () => [],
  extraRules: () => [],
  gates: [financeImproved, generalKept, evaluationComplete, ancestryStands, noRemoteCode],
  approvers: 0,
  jobApprovers: null,
  fullTuneMaxParameters: null,
  card: ["purpose", "limits", "trainingData", "contact", "languages"],
  requiresCard: false,
  isCatalogue: true,
};
