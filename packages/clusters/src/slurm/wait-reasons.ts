import type { EngineWait } from "../cluster-driver.js";

/** Reasons by their exact names, but for the quotas: those are many and are told by their parts. */
const REASONS: Readonly<Record<string, EngineWait>> = {
  Resources: "capacity",
  Licenses: "capacity",
  BurstBufferResources: "capacity",
  BurstBufferStageIn: "capacity",
  BurstBufferOperation: "capacity",
  MaxPoweredUpNodes: "capacity",
  MpiPortsBusy: "capacity",
  NvidiaImexChannels: "capacity",
  Constraints: "capacity",
  Cleaning: "capacity",
  Prolog: "capacity",
  Priority: "priority",
  SchedDefer: "priority",
  JobArrayTaskLimit: "priority",
  // All that our jobs depend on is an earlier one of the same name.
  Dependency: "priority",
  AccountingPolicy: "quota",
  AssociationJobLimit: "quota",
  AssociationResourceLimit: "quota",
  AssociationTimeLimit: "quota",
  QOSUsageThreshold: "quota",
  QOSJobLimit: "quota",
  QOSResourceLimit: "quota",
  QOSTimeLimit: "quota",
  PartitionTimeLimit: "impossible",
  PartitionNodeLimit: "impossible",
  PartitionConfig: "impossible",
  BadConstraints: "impossible",
  DependencyNeverSatisfied: "impossible",
  InvalidAccount: "impossible",
  InvalidQOS: "impossible",
  AccountNotAllowed: "impossible",
  QOSNotAllowed: "impossible",
  MaxMemPerLimit: "impossible",
  DeadLine: "impossible",
  ReservationDeleted: "impossible",
  ReservationInvalid: "impossible",
  JobHeldAdmin: "held",
  JobHeldUser: "held",
  JobHoldMaxRequeue: "held",
  ReqNodeNotAvail: "nodes_down",
  NodeDown: "nodes_down",
  PartitionDown: "closed",
  PartitionInactive: "closed",
  Reservation: "closed",
  JobLaunchFailure: "put_back",
  SystemFailure: "put_back",
  BeginTime: "unknown",
  FedJobLock: "unknown",
};

/**
 * Why a job waits, in our words.
 * @param restarts how often Slurm has put it back: such a job is told to wait a while by `BeginTime`
 */
export function waitOf(reason: string, restarts: number): EngineWait {
  // Details follow the name after a comma (`ReqNodeNotAvail, UnavailableNodes:n2`); some are sentences.
  if (/nodes[ _]required[ _]for[ _]job[ _]are[ _]down/i.test(reason)) return "nodes_down";
  const name = /^[A-Za-z]+/.exec(reason)?.[0] ?? "";
  if (name === "BeginTime" && restarts > 0) return "put_back";
  const known = REASONS[name];
  if (known !== undefined) return known;
  // A limit on one job, or one that it stays below, is met by no waiting.
  if (/(PerJob|PerNode)(Limit)?$/.test(name) || /^QOSMin/.test(name)) return "impossible";
  if (/^(QOS|Assoc)(Grp|Max)/.test(name) || /^Max.*Per(Account|User)$/.test(name)) return "quota";
  return "unknown";
}
