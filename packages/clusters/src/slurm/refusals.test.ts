import { describe, expect, it } from "vitest";
import { oneNode } from "../../test/run-scene.js";
import { refusalOf } from "./refusals.js";
import type { SlurmNode } from "./slurm-transport.js";

const node: SlurmNode = {
  name: "n1",
  states: ["IDLE"],
  reason: null,
  partitions: ["gpu"],
  cpus: 8,
  cpusUsed: 0,
  memoryMb: 16_000,
  gpus: [
    { type: "a100", count: 4 },
    { type: "h100", count: 2 },
  ],
  gpusUsed: [],
};
const unavailable = "Batch job submission failed: Requested node configuration is not available";

describe("a refusal", () => {
  it.each([
    [{ gpusPerNode: 1, gpuType: "b200" }, /No node has GPUs of type b200\. There are: a100, h100\./],
    [{ gpusPerNode: 3, gpuType: "h100" }, /more than 2 such GPUs/],
    [{ gpusPerNode: 7 }, /more than 6 such GPUs/],
    [{ cpusPerNode: 9 }, /more than 8 CPUs/],
    [{ memoryMbPerNode: 20_000 }, /more than 16000 MiB/],
    [{}, /all at once/],
  ])("names what no node has: %j", (over, remedy) => {
    expect(refusalOf(unavailable, { ...oneNode, ...over }, [node])?.remedy).toMatch(remedy);
  });

  it.each([
    ["Invalid partition name specified", /partition that exists/],
    ["Invalid account or account/partition combination specified", /account/],
    ["Invalid qos specification", /QoS/],
    ["Requested time limit is invalid (missing or exceeds some limit)", /less time/],
    [
      "QOSMaxGRESPerUser; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      /limits of the QoS/,
    ],
  ])("has a remedy: %s", (raw, remedy) => {
    expect(refusalOf(raw, oneNode, [node])).toMatchObject({ name: "SubmitRefused", raw, remedy: expect.stringMatching(remedy) });
  });

  it.each([
    "MaxJobCount limit reached",
    "Job can not be altered now, try again later",
    "AssocMaxSubmitJobLimit; Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
    "System submissions disabled",
  ])("is not what may pass: %s", (raw) => {
    expect(refusalOf(raw, oneNode, [node])).toBeNull();
  });
});
