import { z } from "zod";

export const TIERS = ["foundation", "finance", "institution"] as const;
export const Tier = z.enum(TIERS);
export type Tier = z.infer<typeof Tier>;

export const VERSION_STATES = ["draft", "sealed", "in_review", "released", "deprecated", "retired", "quarantined", "recalled"] as const;
export const VersionState = z.enum(VERSION_STATES);
export type VersionState = z.infer<typeof VersionState>;

export const ARTIFACT_KINDS = ["full", "adapter", "merged", "quantized"] as const;
export const ArtifactKind = z.enum(ARTIFACT_KINDS);
export type ArtifactKind = z.infer<typeof ArtifactKind>;

export const RELATIONS = ["pretrained_from", "finetuned_from", "adapter_of", "merged_from", "quantized_from", "distilled_from"] as const;
export const Relation = z.enum(RELATIONS);
export type Relation = z.infer<typeof Relation>;

/** `sealed`: written by the platform when a job's result was committed. `declared`: stated by a person about an import. */
export const Seal = z.enum(["sealed", "declared"]);
export type Seal = z.infer<typeof Seal>;

export const JOB_KINDS = ["pretrain", "tune", "evaluate", "merge"] as const;
export const JobKind = z.enum(JOB_KINDS);
export type JobKind = z.infer<typeof JobKind>;

/** How a job produces its result. `pretrain` starts from random weights, `continued` from a base. */
export const METHODS = ["pretrain", "continued", "full", "lora", "evaluate", "merge"] as const;
export const Method = z.enum(METHODS);
export type Method = z.infer<typeof Method>;

export const METHODS_OF_KIND: Record<JobKind, readonly Method[]> = {
  pretrain: ["pretrain", "continued"],
  tune: ["full", "lora"],
  evaluate: ["evaluate"],
  merge: ["merge"],
};

export const ROLES = [
  "platform_admin",
  "platform_engineer",
  "institution_admin",
  "institution_member",
  "compliance_reviewer",
  "auditor",
] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** Roles that only members of the reserved institution `platform` may hold. */
export const PLATFORM_ROLES: readonly Role[] = ["platform_admin", "platform_engineer"];
/** Tiers that the platform's own people work at; an engineer may be let work at one of them only. */
export const SHARED_TIERS = ["foundation", "finance"] as const satisfies Tier[];
export const SharedTier = z.enum(SHARED_TIERS);
export type SharedTier = z.infer<typeof SharedTier>;

/** Roles that manage people. A program holds none of them, and a role made by an institution gives nothing that only these give. */
export const ADMIN_ROLES: readonly Role[] = ["platform_admin", "institution_admin"];
/** Roles that only members of an ordinary institution may hold. */
export const INSTITUTION_ROLES: readonly Role[] = ["institution_admin", "institution_member"];

export const RESERVED_SLUGS = ["foundation", "finance", "platform", "datasets", "spaces", "models", "api", "v1", "hf", "new"] as const;

export const SCOPES = [
  "models:read",
  "models:write",
  "models:register",
  "models:release",
  "models:withdraw",
  "datasets:read",
  "datasets:write",
  "jobs:read",
  "jobs:write",
  "jobs:approve",
  "lineage:read",
  "lineage:write",
  "audit:read",
  "institutions:read",
  "institutions:write",
  "directory:write",
  "clusters:read",
  "holds:write",
  "admin",
] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

/** The seven scenarios institutions start from; `other` needs words of its own in the card. */
export const SCENARIOS = [
  "customer_service",
  "telesales",
  "risk",
  "marketing",
  "collections",
  "call_inspection",
  "code_assistant",
  "other",
] as const;
export const Scenario = z.enum(SCENARIOS);
export type Scenario = z.infer<typeof Scenario>;

export const DATA_FORMATS = ["text", "chat"] as const;
/** `text`: rows `{text}`. `chat`: OpenAI chat rows `{messages:[{role,content}…]}` that end with an assistant turn. */
export const DataFormat = z.enum(DATA_FORMATS);
export type DataFormat = z.infer<typeof DataFormat>;

export const SENSITIVITIES = ["public", "internal", "confidential", "personal"] as const;
export const Sensitivity = z.enum(SENSITIVITIES);
export type Sensitivity = z.infer<typeof Sensitivity>;

export const LEGAL_BASES = ["public_domain", "licence", "contract", "consent", "own_generation"] as const;
export const LegalBasis = z.enum(LEGAL_BASES);
export type LegalBasis = z.infer<typeof LegalBasis>;

export const JOB_STATES = [
  "awaiting_approval",
  "queued",
  "scheduled",
  "starting",
  "running",
  "collecting",
  "evaluating",
  "succeeded",
  "failed",
  "cancelled",
  "paused",
  "no_signal",
] as const;
export const JobState = z.enum(JOB_STATES);
export type JobState = z.infer<typeof JobState>;

export const JOB_ACTIONS = ["approve", "cancel", "pause", "resume", "retry"] as const;
export const JobAction = z.enum(JOB_ACTIONS);
export type JobAction = z.infer<typeof JobAction>;

export const IMPORT_STATES = ["resolving", "transferring", "done", "failed", "cancelled"] as const;
export const ImportState = z.enum(IMPORT_STATES);
export type ImportState = z.infer<typeof ImportState>;

export const IMPORT_ACTIONS = ["cancel", "retry"] as const;
export const ImportAction = z.enum(IMPORT_ACTIONS);
export type ImportAction = z.infer<typeof ImportAction>;

export const IMPORT_FAILURES = ["unreachable", "unauthorised", "not_found", "changed", "refused", "rule", "denied", "internal"] as const;
/**
 * `unreachable`: the source does not answer, or breaks off again and again. `unauthorised`: it wants a right we lack. `not_found`: it has no
 * such thing. `changed`: what arrived is not what was listed. `refused`: the operator did not open this source, or what lies there may not be
 * read. `rule`: files or version break a rule. `denied`: who asked may no longer do so. `internal`: our own mistake.
 */
export const ImportFailureCode = z.enum(IMPORT_FAILURES);
export type ImportFailureCode = z.infer<typeof ImportFailureCode>;

/** Every action that the audit log knows, `noun.verb`; the console has a word for each in both languages. */
export const AUDIT_ACTIONS = [
  "alias.approve",
  "alias.move",
  "alias.propose",
  "alias.protect",
  "alias.refused",
  "alias.withdraw",
  "audit.export",
  "audit.verify",
  "charge.correct",
  "clean_up.execute",
  "clean_up.rule",
  "dataset.purge",
  "dataset.read_rows",
  "dataset.register",
  "dataset.version",
  "device.approve",
  "device.deny",
  "entitlement.end",
  "entitlement.grant",
  "entitlement.resume",
  "entitlement.suspend",
  "evaluation.read_items",
  "evidence.export",
  "exit.approve",
  "exit.cancel",
  "exit.erase",
  "exit.finish",
  "exit.start",
  "file.read",
  "file.refused",
  "garbage.collect",
  "garbage.finish",
  "hold.ask_lift",
  "hold.lift",
  "hold.set",
  "hold.withdraw_lift",
  "identity.link",
  "identity.unlink",
  "identity_provider.add",
  "identity_provider.update",
  "import.cancel",
  "import.move",
  "import.request",
  "import.retry",
  "institution.create",
  "institution.export",
  "institution.export_cancel",
  "institution.export_finish",
  "institution.export_read",
  "job.approve",
  "job.cancel",
  "job.flag",
  "job.move",
  "job.pause",
  "job.preempt",
  "job.read_log",
  "job.request",
  "job.resume",
  "job.retry",
  "lineage.declare",
  "lineage.export",
  "member.add",
  "member.change",
  "member.remove",
  "member.return",
  "member.roles",
  "model.change",
  "model.close",
  "model.open",
  "model.register",
  "notice.acknowledge",
  "notice.escalate",
  "notice.support_end",
  "passkey.add",
  "passkey.remove",
  "password.change",
  "password.reset",
  "price.set",
  "quota.approve",
  "quota.propose",
  "quota.reject",
  "quota.warn",
  "quota.withdraw",
  "recall.execute",
  "recall.lift",
  "reservation.end",
  "reservation.make",
  "role.change",
  "role.create",
  "role.remove",
  "scheduling.set",
  "scim_group.change",
  "scim_group.create",
  "scim_group.map",
  "scim_group.remove",
  "second_factor.begin",
  "second_factor.end",
  "second_factor.reset",
  "secret_key.rotate",
  "service_account.change",
  "service_account.create",
  "service_account.remove",
  "session.close",
  "session.end",
  "session.open",
  "session.refused",
  "session.switch",
  "statement.close",
  "statement.export",
  "token.create",
  "token.revoke",
  "token.rotate",
  "version.baseline",
  "version.deprecate",
  "version.draft",
  "version.files",
  "version.purge",
  "version.quarantine",
  "version.recall",
  "version.release",
  "version.restore",
  "version.retire",
  "version.seal",
  "version.submit",
  "version.verify",
  "version.withdraw_review",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Those that change nothing: somebody read sensitive evidence. */
export const READ_ACTIONS = [
  "dataset.read_rows",
  "evaluation.read_items",
  "file.read",
  "institution.export_read",
  "job.read_log",
  "lineage.export",
] as const satisfies AuditAction[];
export type ReadAction = (typeof READ_ACTIONS)[number];
