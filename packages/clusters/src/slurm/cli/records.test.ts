import { describe, expect, it } from "vitest";
import { nodeFactsOf } from "../slurm-nodes.js";
import { parseJobs, parseNodes, parsePartitions, parsePast } from "./records.js";

/** As Slurm 22.05.8 printed them. */
const JOBS = `24|RUNNING|None|2026-11-30T02:33:10|2026-11-30T02:33:13|2026-11-30T02:38:13|0|0|2|2|n[1-2]|gres:gpu:a100:2|zig-two|
6|PENDING|PartitionTimeLimit|2026-11-30T02:31:33|N/A|N/A|0|0|1|1||gres:gpu:a100:1|a|name|
3|FAILED|NonZeroExitCode|2026-11-30T02:31:33|2026-11-30T02:31:33|2026-11-30T02:31:38|768|0|1|1|n1|N/A|zig-r1|
slurm_load_jobs error
`;
const NODE = `NodeName=n1 Arch=x86_64 CoresPerSocket=1  CPUAlloc=2 CPUEfctv=8 CPUTot=8 CPULoad=10.51 AvailableFeatures=(null) Gres=gpu:a100:4 GresDrain=N/A GresUsed=gpu:a100:3(IDX:0-2) NodeAddr=127.0.0.1 NodeHostName=localhost Port=17821 OS=Linux 6.18.44 #1 SMP PREEMPT_DYNAMIC @0  RealMemory=16000 AllocMem=1000 State=MIXED Owner=N/A Partitions=gpu,gpu-high  BootTime=2026-11-30T02:09:05 CfgTRES=cpu=8,mem=16000M,billing=8 AllocTRES=cpu=2,mem=1000M
NodeName=n2 CPUAlloc=0 CPUTot=8 Gres=(null) RealMemory=16000 State=IDLE+DRAIN Partitions=gpu Reason=fan broken, see ticket=7 [root@2026-11-30T02:09:05]
NodeName=n3 CPUAlloc=0 CPUTot=8 Gres=gpu:a100:4 GresUsed=gpu:a100:0(IDX:N/A) RealMemory=16000 State=DOWN* Partitions=gpu Reason=Not responding [slurm@2026-11-30T02:09:05]
`;
const PAST = `1|FAILED|11:0|2026-11-30T02:37:11|2026-11-30T02:37:14|2026-11-30T02:37:15|n1|01:02.500||zig-1-1
1.batch|FAILED|11:0|2026-11-30T02:37:14|2026-11-30T02:37:14|2026-11-30T02:37:15|n1|01:02.500|3348K|batch
3|CANCELLED by 0|0:0|2026-11-29T02:37:11|2026-11-29T02:37:14|2026-11-29T02:37:16|None assigned|1-00:00:01||zig-1-1
`;

describe("what the commands print", () => {
  it("is read as jobs, with times as UTC", () => {
    const [running, pending, failed, ...rest] = parseJobs(JOBS);
    expect(rest).toEqual([]);
    expect(running).toEqual({
      id: "24",
      name: "zig-two",
      states: ["RUNNING"],
      reason: null,
      submittedAt: 1_796_005_990,
      startsAt: 1_796_005_993,
      endsAt: 1_796_006_293,
      exit: { code: 0, signal: 0 },
      restarts: 0,
      nodes: ["n1", "n2"],
      nodeCount: 2,
      taskCount: 2,
      gpusPerNode: [{ type: "a100", count: 2 }],
    });
    expect(pending).toMatchObject({ name: "a|name", reason: "PartitionTimeLimit", startsAt: null, endsAt: null, nodes: [] });
    expect(failed).toMatchObject({ exit: { code: 3, signal: 0 }, gpusPerNode: [] });
  });

  it("is read as nodes with what is free on them", () => {
    const [mixed, drained, down] = parseNodes(NODE).map(nodeFactsOf);
    expect(mixed).toEqual({
      name: "n1",
      state: "free",
      reason: null,
      cpus: 8,
      cpusFree: 6,
      memoryMb: 16_000,
      gpus: [{ type: "a100", count: 4, free: 1 }],
    });
    expect(drained).toMatchObject({ state: "drained", reason: expect.stringMatching(/^fan broken/), gpus: [] });
    expect(down).toMatchObject({ state: "down", reason: expect.stringMatching(/^Not responding/) });
    expect(parseNodes(NODE)[0]?.partitions).toEqual(["gpu", "gpu-high"]);
  });

  it("is read as partitions", () => {
    const text = "PartitionName=gpu AllowGroups=ALL Default=YES Nodes=n[1-3] State=UP\nPartitionName=old Default=NO State=DOWN\n";
    expect(parsePartitions(text)).toEqual([
      { name: "gpu", isUp: true, isDefault: true },
      { name: "old", isUp: false, isDefault: false },
    ]);
  });

  it("is read as accounting's newest job of a name, with what its steps used", () => {
    expect(parsePast(PAST, "zig-1-1")).toMatchObject({
      job: { id: "1", states: ["FAILED"], exit: { code: 11, signal: 0 }, nodes: ["n1"] },
      cpuSeconds: 62.5,
      maxMemoryBytes: 3348 * 1024,
    });
    const older = PAST.split("\n").slice(2).join("\n");
    expect(parsePast(older, "zig-1-1")).toMatchObject({
      job: { states: ["CANCELLED"], nodes: [] },
      cpuSeconds: 86_401,
      maxMemoryBytes: null,
    });
    expect(parsePast(PAST, "zig-1-10")).toBeNull();
    expect(parsePast("", "zig-1-1")).toBeNull();
  });
});
