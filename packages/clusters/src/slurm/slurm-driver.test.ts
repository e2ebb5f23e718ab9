import { SlurmConnection } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { oneNode } from "../../test/run-scene.js";
import type { Submission } from "../cluster-driver.js";
import { SlurmDriver } from "./slurm-driver.js";
import { type PastJob, SlurmAway, type SlurmJob, type SlurmRequest, SlurmSaysNo, type SlurmTransport } from "./slurm-transport.js";

const submission: Submission = {
  key: "zig-1-1",
  family: "zig-1",
  resources: { ...oneNode, nodes: 2, gpusPerNode: 2 },
  work: { kind: "run", url: "http://127.0.0.1:1", token: "secret" },
};
const connection = SlurmConnection.parse({ driver: "slurm", url: null, user: "root", workDir: "/w", python: "/p", runner: "/r" });

/** A Slurm in memory that does with a submission what a test says. */
class MemorySlurm implements SlurmTransport {
  known: SlurmJob[] = [];
  readonly cancelled: string[] = [];
  readonly submitted: SlurmRequest[] = [];
  pastJob: PastJob | null = null;
  accounting: Error | null = null;
  onSubmit: (job: SlurmJob) => SlurmJob[] = (job) => [job];

  version = async () => "Slurm";
  nodes = async () => [];
  partitions = async () => [];
  jobs = async () => this.known;
  async submit(request: SlurmRequest): Promise<string> {
    this.submitted.push(request);
    const id = String(100 + this.submitted.length);
    this.known = [...this.known, ...this.onSubmit(aJob({ id, name: request.name, submittedAt: 2000 }))];
    return id;
  }
  async cancel({ id }: Pick<SlurmJob, "id">): Promise<void> {
    this.cancelled.push(id);
  }
  async past(): Promise<PastJob | null> {
    if (this.accounting !== null) throw this.accounting;
    return this.pastJob;
  }
}

const aJob = (over: Partial<SlurmJob> = {}): SlurmJob => ({
  id: "7",
  name: "zig-1-1",
  states: ["PENDING"],
  reason: "Resources",
  submittedAt: 1000,
  startsAt: null,
  endsAt: null,
  exit: { code: 0, signal: 0 },
  restarts: 0,
  nodes: [],
  nodeCount: 2,
  taskCount: 2,
  gpusPerNode: [{ type: "a100", count: 2 }],
  ...over,
});
const open = () => {
  const slurm = new MemorySlurm();
  return { slurm, driver: new SlurmDriver(connection, null, slurm) };
};

describe("a submission", () => {
  it.each([
    ["nodes", { nodeCount: 1 }, "Slurm made 1 nodes of 2."],
    ["tasks", { taskCount: 1 }, "Slurm made 1 tasks of 2."],
    ["GPUs", { gpusPerNode: [] }, "Slurm made 0 GPUs per node of 2."],
  ])("is taken back and refused when Slurm makes other %s of it", async (_, made, raw) => {
    const { slurm, driver } = open();
    slurm.onSubmit = (job) => [{ ...job, ...made }];
    await expect(driver.submit(submission)).rejects.toMatchObject({ name: "SubmitRefused", raw });
    expect(slurm.cancelled).toEqual(["101"]);
  });

  it("that raced with another's keeps the older by its time, since numbers begin anew", async () => {
    const { slurm, driver } = open();
    slurm.onSubmit = (job) => [job, aJob({ id: "900", submittedAt: 1500 })];
    expect(await driver.submit(submission)).toEqual({ key: "zig-1-1", id: "900" });
    expect(slurm.cancelled).toEqual(["101"]);
  });

  it("is not made beside a live one, nor beside one that ended", async () => {
    for (const states of [["RUNNING"], ["COMPLETED"], ["NODE_FAIL"]]) {
      const { slurm, driver } = open();
      slurm.known = [aJob({ states, nodes: ["n1"] })];
      expect(await driver.submit(submission)).toEqual({ key: "zig-1-1", id: "7" });
      expect(slurm.submitted).toEqual([]);
    }
  });

  it("is made although accounting is away, and not made when accounting knows that it was", async () => {
    const { slurm, driver } = open();
    slurm.accounting = new SlurmAway("slurmdbd is away");
    await driver.submit(submission);
    expect(slurm.submitted).toHaveLength(1);
    const later = open();
    later.slurm.pastJob = { job: aJob({ id: "3", states: ["COMPLETED"] }), cpuSeconds: 1, maxMemoryBytes: 2 };
    expect(await later.driver.submit(submission)).toEqual({ key: "zig-1-1", id: "3" });
    expect(later.slurm.submitted).toEqual([]);
  });

  it("that nobody could find again is taken back", async () => {
    const { slurm, driver } = open();
    slurm.onSubmit = () => [];
    await expect(driver.submit(submission)).rejects.toThrow(/does not list it among those of root/);
    expect(slurm.cancelled).toEqual(["101"]);
  });

  it("finds nothing in what a refused one leaves behind", async () => {
    const { slurm, driver } = open();
    slurm.known = [aJob({ states: ["FAILED"], reason: "BadConstraints" })];
    expect(await driver.find("zig-1-1")).toEqual([]);
  });

  it("asks for one type of GPU and nothing behind a comma", async () => {
    const { slurm, driver } = open();
    const resources = { ...submission.resources, gpuType: "a100:2,license:9" };
    await expect(driver.submit({ ...submission, resources })).rejects.toMatchObject({ name: "SubmitRefused" });
    expect(slurm.submitted).toEqual([]);
  });

  it("keeps what Slurm says for good apart from what may pass", async () => {
    const { slurm, driver } = open();
    slurm.submit = async () => {
      throw new SlurmSaysNo("MaxJobCount limit reached");
    };
    await expect(driver.submit(submission)).rejects.toThrow(SlurmSaysNo);
  });

  it("rounds its time limit up to Slurm's minutes and asks for GPUs by their type", async () => {
    const { slurm, driver } = open();
    await driver.submit({ ...submission, resources: { ...submission.resources, gpuType: "a100", limitSeconds: 61 } });
    expect(slurm.submitted[0]).toMatchObject({ limitMinutes: 2, gres: "gpu:a100:2", nodes: 2 });
  });
});

describe("the status of a run", () => {
  it("is nobody's word when accounting believes a job to run that the controller does not know", async () => {
    const { slurm, driver } = open();
    slurm.pastJob = { job: aJob({ states: ["RUNNING"] }), cpuSeconds: null, maxMemoryBytes: null };
    expect(await driver.status({ key: "zig-1-1", id: "7" })).toMatchObject({ state: "lost" });
  });

  it("stays open while accounting is away, which alone could know", async () => {
    const { slurm, driver } = open();
    slurm.accounting = new SlurmAway("slurmdbd is away");
    expect(await driver.status({ key: "zig-1-1", id: "7" })).toEqual({ reachable: false, message: "slurmdbd is away" });
  });

  it("asks once more before it calls unknown what another process has just submitted", async () => {
    const { slurm, driver } = open();
    await driver.status({ key: "zig-1-1", id: "7" });
    slurm.known = [aJob({ states: ["RUNNING"], nodes: ["n1"] })];
    expect(await driver.status({ key: "zig-1-1", id: "7" })).toMatchObject({ state: "running" });
  });

  it("is not that of another job with its number", async () => {
    const { slurm, driver } = open();
    slurm.known = [aJob({ name: "somebody-elses", states: ["RUNNING"] })];
    expect(await driver.status({ key: "zig-1-1", id: "7" })).toMatchObject({ state: "lost" });
    await driver.cancel({ key: "zig-1-1", id: "7" });
    expect(slurm.cancelled).toEqual([]);
  });

  it("ends with its doubles, the last in line first, so that none starts in between", async () => {
    const { slurm, driver } = open();
    slurm.known = [aJob({ id: "7", states: ["RUNNING"] }), aJob({ id: "9", submittedAt: 1002 }), aJob({ id: "8", submittedAt: 1001 })];
    await driver.cancel({ key: "zig-1-1", id: "7" });
    expect(slurm.cancelled).toEqual(["9", "8", "7"]);
  });
});
