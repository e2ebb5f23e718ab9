import { z } from "zod";
import { AliasName } from "./models.js";
import { idOf, ModelRef, Timestamp } from "./primitives.js";
import { Role } from "./vocabulary.js";

/** Who may move a name, and whether one person is enough. */
export const AliasGuard = z.strictObject({
  roles: z.array(Role).min(1).max(6),
  /** A move is then proposed by one person and approved by another. */
  secondPerson: z.boolean().default(false),
});
export type AliasGuard = z.infer<typeof AliasGuard>;

export const PutAliasProtection = AliasGuard.extend({ reason: z.string().trim().min(1, "say why it is protected so").max(2000) });
export type PutAliasProtection = z.infer<typeof PutAliasProtection>;

/** How a name is protected now. Nothing was `set` where the default holds. */
export const AliasProtection = z.strictObject({
  name: AliasName,
  isProtected: z.boolean(),
  roles: z.array(Role),
  secondPerson: z.boolean(),
  /** Roles that a guard may name here. */
  choices: z.array(Role),
  /** Whether the viewer may change the name, alone or by a proposal. */
  mayChange: z.boolean(),
  set: z.strictObject({ by: z.string(), at: Timestamp, reason: z.string() }).nullable(),
});
export type AliasProtection = z.infer<typeof AliasProtection>;

/** What a second person is asked to agree to: another version under the name, or another protection of it. */
export const AliasChange = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("move"), version: z.number().int().min(1) }),
  AliasGuard.extend({ kind: z.literal("protect") }),
]);
export type AliasChange = z.infer<typeof AliasChange>;

export const ProposeAliasChange = z.strictObject({
  change: AliasChange,
  reason: z.string().trim().min(1, "say why it should change").max(2000),
});
export type ProposeAliasChange = z.infer<typeof ProposeAliasChange>;
export const ApproveAliasChange = z.strictObject({ reason: z.string().max(2000).default("") });
export type ApproveAliasChange = z.infer<typeof ApproveAliasChange>;
export const WithdrawAliasChange = z.strictObject({ reason: z.string().trim().min(1, "say why it is withdrawn").max(2000) });
export type WithdrawAliasChange = z.infer<typeof WithdrawAliasChange>;

export const AliasProposalId = idOf("aliasProposal");
export type AliasProposalId = z.infer<typeof AliasProposalId>;
export const ALIAS_PROPOSAL_STATES = ["pending", "approved", "withdrawn"] as const;
export const AliasProposalState = z.enum(ALIAS_PROPOSAL_STATES);
export type AliasProposalState = z.infer<typeof AliasProposalState>;

export const AliasProposal = z.strictObject({
  id: AliasProposalId,
  model: ModelRef,
  name: AliasName,
  change: AliasChange,
  reason: z.string(),
  state: AliasProposalState,
  proposedBy: z.string(),
  proposedAt: Timestamp,
  decision: z.strictObject({ by: z.string(), at: Timestamp, reason: z.string() }).nullable(),
  /** Whether the viewer may do so now, as far as persons and roles go. */
  mayApprove: z.boolean(),
  mayWithdraw: z.boolean(),
});
export type AliasProposal = z.infer<typeof AliasProposal>;
