import { ancestryStands, evaluationComplete, noRemoteCode, PLATFORM, type TierPolicy } from "@ziggurat/pyramid";
import { licenceNamed } from "./licence-named.js";

const ENGINEERS = ["platform_engineer", "platform_admin"] as const;

export const foundationPolicy: TierPolicy = {
  tier: "foundation",
  namespace: "foundation",
  registrars: ENGINEERS,
  requesters: ENGINEERS,
  approvingRoles: ["platform_engineer", "compliance_reviewer"],
  releasers: ENGINEERS,
  withdrawers: ENGINEERS,
  parents: ["foundation"],
  // Taken in from its maker, or pre-trained here.
  needsParent: false,
  methods: ["pretrain", "continued"],
  artifacts: { pretrain: "full", continued: "full" },
  defaults: {
    // Small models learn well at 1e-3 and above; continued pretraining moves gently so as not to forget.
    pretrain: { learningRate: 0.001 },
    continued: { learningRate: 0.0005 },
    evaluate: {},
  },
  data: (dataset) => (dataset.owner === PLATFORM ? null : `foundation models learn from the platform's data, and ${dataset.ref} is not`),
  mayUse: () => [],
  extraRules: () => [],
  gates: [licenceNamed, evaluationComplete, ancestryStands, noRemoteCode],
  approvers: 0,
  jobApprovers: null,
  fullTuneMaxParameters: null,
  card: ["purpose", "limits", "trainingData", "contact", "languages", "supplier", "source", "filing", "licence"],
  requiresCard: false,
  isCatalogue: true,
};
