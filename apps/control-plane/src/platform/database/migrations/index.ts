import { CreatePyramid1795000000000 } from "./1795000000000-create-pyramid.js";
import { AddInspections1796000000000 } from "./1796000000000-add-inspections.js";
import { CreateImports1796100000000 } from "./1796100000000-create-imports.js";
import { AddExports1796200000000 } from "./1796200000000-add-exports.js";
import { RememberStates1796300000000 } from "./1796300000000-remember-states.js";
import { ProveAudit1796400000000 } from "./1796400000000-prove-audit.js";
import { Recalls1796500000000 } from "./1796500000000-recalls.js";
import { Integrity1796600000000 } from "./1796600000000-integrity.js";
import { Lifecycle1796700000000 } from "./1796700000000-lifecycle.js";
import { Retention1796800000000 } from "./1796800000000-retention.js";
import { Search1796900000000 } from "./1796900000000-search.js";
import { InsertVersion1797100000000 } from "./1797100000000-insert-version.js";
import { GuardAliases1797200000000 } from "./1797200000000-guard-aliases.js";
import { PurgeSealedFiles1797300000000 } from "./1797300000000-purge-sealed-files.js";
import { CleanUps1797350000000 } from "./1797350000000-clean-ups.js";
import { CollectGarbage1797400000000 } from "./1797400000000-collect-garbage.js";
import { SealRecords1797500000000 } from "./1797500000000-seal-records.js";
import { SupportNotices1797600000000 } from "./1797600000000-support-notices.js";
import { Arrivals1797700000000 } from "./1797700000000-arrivals.js";
import { EdgeRules1797800000000 } from "./1797800000000-edge-rules.js";
import { OwnAddresses1797850000000 } from "./1797850000000-own-addresses.js";
import { Entitlements1797900000000 } from "./1797900000000-entitlements.js";
import { SecondFactors1798000000000 } from "./1798000000000-second-factors.js";
import { Federation1798100000000 } from "./1798100000000-federation.js";
import { Provisioning1798200000000 } from "./1798200000000-provisioning.js";
import { Rights1798300000000 } from "./1798300000000-rights.js";
import { Quotas1798400000000 } from "./1798400000000-quotas.js";
import { Statements1798410000000 } from "./1798410000000-statements.js";
import { Transport1798500000000 } from "./1798500000000-transport.js";
import { InstitutionExit1798600000000 } from "./1798600000000-institution-exit.js";
import { Joining1798700000000 } from "./1798700000000-joining.js";
import { MapGroups1798800000000 } from "./1798800000000-map-groups.js";
import { ProviderSignOut1798800000001 } from "./1798800000001-provider-sign-out.js";
import { QuickPolicies1798900000000 } from "./1798900000000-quick-policies.js";
import { RequestBuckets1798900000001 } from "./1798900000001-request-buckets.js";
import { Scheduling1799000000000 } from "./1799000000000-scheduling.js";
import { SchedulingPolicy1799000000001 } from "./1799000000001-scheduling-policy.js";

/** Every migration, oldest first; an explicit list, no globs. Never edited once merged. */
export const migrations = [
  CreatePyramid1795000000000,
  AddInspections1796000000000,
  CreateImports1796100000000,
  AddExports1796200000000,
  RememberStates1796300000000,
  ProveAudit1796400000000,
  Recalls1796500000000,
  Integrity1796600000000,
  Lifecycle1796700000000,
  Retention1796800000000,
  Search1796900000000,
  InsertVersion1797100000000,
  GuardAliases1797200000000,
  PurgeSealedFiles1797300000000,
  CleanUps1797350000000,
  CollectGarbage1797400000000,
  SealRecords1797500000000,
  SupportNotices1797600000000,
  Arrivals1797700000000,
  EdgeRules1797800000000,
  OwnAddresses1797850000000,
  Entitlements1797900000000,
  SecondFactors1798000000000,
  Federation1798100000000,
  Provisioning1798200000000,
  Rights1798300000000,
  Quotas1798400000000,
  Statements1798410000000,
  Transport1798500000000,
  InstitutionExit1798600000000,
  Joining1798700000000,
  MapGroups1798800000000,
  ProviderSignOut1798800000001,
  QuickPolicies1798900000000,
  RequestBuckets1798900000001,
  Scheduling1799000000000,
  SchedulingPolicy1799000000001,
];
