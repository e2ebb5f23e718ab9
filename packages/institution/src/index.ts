/**
 * Tier 3: what an institution may make of a finance release with its own data, and when the result may serve.
 * It knows one institution at a time: nothing of another's models, data or figures ever enters a decision here.
 */
export { beatsParent } from "./beats-parent.js";
export { checkGrant, entitlementState, type GrantClaim, mayDerive, WARNING_DAYS } from "./entitlements.js";
export {
  checkExitAct,
  EXIT_MOVES,
  type ExitFacts,
  type ExitPerson,
  erasesAt,
  exitActions,
  exitBlockers,
  exitSide,
  isCurrentExport,
  type OpenExit,
  unwaived,
} from "./exit.js";
export { type BuiltIn, builtInByGroups, type GroupGrant, givenByGroups } from "./group-roles.js";
export { DEFAULT_FULL_TUNE_MAX_PARAMETERS, institutionPolicy, institutionPolicyWith } from "./policy.js";
export { checkProposal, movesForProposal, type ProposalFacts, type QuotaClaim, whyNotDecide } from "./quotas.js";
