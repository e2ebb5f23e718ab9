import { describe, expect, it } from "vitest";
import { waitOf } from "./wait-reasons.js";

const TRES = ["Billing", "BB", "Cpu", "Energy", "GRES", "License", "Mem", "Memory", "Node", "Unknown"];
/** Reasons of `job_state_reason.c`, those of limits by their pattern. */
const REASONS = {
  capacity: [
    "Resources",
    "Licenses",
    "BurstBufferResources",
    "BurstBufferStageIn",
    "MaxPoweredUpNodes",
    "MpiPortsBusy",
    "Constraints",
    "Prolog",
  ],
  priority: ["Priority", "Dependency", "SchedDefer"],
  quota: [
    ["AccountingPolicy", "AssociationJobLimit", "AssociationResourceLimit", "QOSUsageThreshold", "QOSJobLimit", "QOSResourceLimit"],
    ["AssocMaxJobsLimit", "AssocMaxSubmitJobLimit", "AssocGrpCPUMinutesLimit", "AssocGrpCPURunMinutesLimit", "AssocGrpJobsLimit"],
    ["QOSMaxJobsPerUserLimit", "QOSMaxSubmitJobPerUserLimit", "QOSGrpWallLimit", "MaxJobsPerAccount", "MaxGRESRunMinsPerUser"],
    TRES.flatMap((name) => [
      `AssocGrp${name}`,
      `AssocGrp${name}Minutes`,
      `QOSGrp${name}RunMinutes`,
      `QOSMax${name}PerUser`,
      `Max${name}PerAccount`,
    ]),
  ].flat(),
  impossible: [
    [
      "PartitionTimeLimit",
      "PartitionNodeLimit",
      "PartitionConfig",
      "BadConstraints",
      "DependencyNeverSatisfied",
      "InvalidAccount",
      "InvalidQOS",
    ],
    [
      "QOSNotAllowed",
      "AccountNotAllowed",
      "MaxMemPerLimit",
      "DeadLine",
      "QOSMaxWallDurationPerJobLimit",
      "AssocMaxWallDurationPerJobLimit",
    ],
    TRES.flatMap((name) => [`QOSMin${name}`, `QOSMax${name}PerJob`, `QOSMax${name}PerNode`, `AssocMax${name}MinutesPerJob`]),
  ].flat(),
  held: ["JobHeldAdmin", "JobHeldUser", "JobHoldMaxRequeue"],
  nodes_down: [
    "NodeDown",
    "ReqNodeNotAvail",
    "ReqNodeNotAvail, UnavailableNodes:n[1-3]",
    "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions",
    "Nodes_required_for_job_are_DOWN,_DRAINED_or_reserved_for_jobs_in_higher_priority_partitions",
  ],
  closed: ["PartitionDown", "PartitionInactive", "Reservation"],
} as const;

describe("reasons to wait", () => {
  it.each(Object.entries(REASONS))("are %s", (code, reasons) => {
    for (const reason of reasons) expect(waitOf(reason, 0), reason).toBe(code);
  });

  it("tell a job that Slurm put back from one that was told to wait", () => {
    expect(waitOf("BeginTime", 1)).toBe("put_back");
    expect(waitOf("BeginTime", 0)).toBe("unknown");
  });

  it("stay unknown when they are", () => {
    expect(waitOf("SunSpots", 0)).toBe("unknown");
    expect(waitOf("", 0)).toBe("unknown");
  });
});
