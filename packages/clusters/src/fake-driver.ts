import {
  type ClusterDriver,
  type ClusterHealth,
  type Collected,
  type LogPiece,
  type NodeFacts,
  type RunRef,
  type RunState,
  type RunStatus,
  type Submission,
  statusOf,
} from "./cluster-driver.js";

interface FakeRun {
  readonly submission: Submission;
  state: RunState;
  exitCode: number | null;
  restarts: number;
}

/** An engine in memory, for tests of what stands above the port. A test says when runs end and whether the engine answers. */
export class FakeDriver implements ClusterDriver {
  readonly keepsQueue = false;
  readonly runs = new Map<string, FakeRun>();
  /** Calls of `submit` that started something. */
  started = 0;
  isAway = false;
  private state: ClusterHealth = { healthy: true, device: "fake" };

  async submit(submission: Submission): Promise<RunRef> {
    if (this.isAway) throw new Error("The engine does not answer.");
    if (!this.runs.has(submission.key)) {
      this.started += 1;
      const isProbe = submission.work.kind === "probe";
      this.runs.set(submission.key, {
        submission,
        state: isProbe ? "succeeded" : "running",
        exitCode: isProbe ? 0 : null,
        restarts: 0,
      });
    }
    return { key: submission.key, id: submission.key };
  }

  async find(key: string): Promise<readonly RunRef[]> {
    return this.runs.has(key) ? [{ key, id: key }] : [];
  }

  async status(ref: RunRef): Promise<RunStatus> {
    if (this.isAway) return { reachable: false, message: "The engine does not answer." };
    const run = this.runs.get(ref.key);
    return run === undefined ? statusOf("lost") : statusOf(run.state, { exitCode: run.exitCode, restarts: run.restarts });
  }

  async logs(ref: RunRef, offset: number): Promise<LogPiece> {
    const work = this.runs.get(ref.key)?.submission.work;
    const bytes = Buffer.from(work?.kind === "probe" ? work.text : "").subarray(offset);
    return { bytes, next: offset + bytes.length };
  }

  async collect(ref: RunRef): Promise<Collected | null> {
    const run = this.runs.get(ref.key);
    if (run === undefined || run.state === "running") return null;
    return { exitCode: run.exitCode, cpuSeconds: null, maxMemoryBytes: null };
  }

  async nodes(): Promise<readonly NodeFacts[]> {
    return [{ name: "fake", state: "free", reason: null, cpus: 64, cpusFree: 64, memoryMb: null, gpus: [] }];
  }

  async cancel(ref: RunRef): Promise<void> {
    const run = this.runs.get(ref.key);
    if (run?.state === "running") this.end(ref.key, 17, "cancelled");
  }

  async restart(_submission: Submission, ref: RunRef): Promise<boolean> {
    const run = this.runs.get(ref.key);
    if (run?.state !== "lost") return false;
    run.state = "running";
    run.restarts += 1;
    return true;
  }

  async health(): Promise<ClusterHealth> {
    return this.state;
  }

  setHealth(state: ClusterHealth): void {
    this.state = state;
  }

  /** Ends a run as the engine would. */
  end(key: string, exitCode: number | null, state: RunState = exitCode === 0 ? "succeeded" : "failed"): void {
    const run = this.runs.get(key);
    if (run === undefined) throw new Error(`no run ${key}`);
    run.state = state;
    run.exitCode = exitCode;
  }
}
