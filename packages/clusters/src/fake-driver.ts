import type { ClusterDriver, ClusterHealth, RunRef, RunState, RunStatus, Submission } from "./cluster-driver.js";

interface FakeRun {
  readonly submission: Submission;
  state: RunState;
  exitCode: number | null;
  restarts: number;
}

/** An engine in memory, for tests of what stands above the port. A test says when runs end and whether the engine answers. */
export class FakeDriver implements ClusterDriver {
  readonly runs = new Map<string, FakeRun>();
  /** Calls of `submit` that started something. */
  started = 0;
  isAway = false;
  private state: ClusterHealth = { healthy: true, device: "fake" };

  async submit(submission: Submission): Promise<RunRef> {
    if (this.isAway) throw new Error("The engine does not answer.");
    if (!this.runs.has(submission.key)) {
      this.started += 1;
      this.runs.set(submission.key, { submission, state: "running", exitCode: null, restarts: 0 });
    }
    return { key: submission.key, id: submission.key };
  }

  async find(key: string): Promise<readonly RunRef[]> {
    return this.runs.has(key) ? [{ key, id: key }] : [];
  }

  async status(ref: RunRef): Promise<RunStatus> {
    if (this.isAway) return { reachable: false, message: "The engine does not answer." };
    const run = this.runs.get(ref.key);
    return {
      reachable: true,
      state: run?.state ?? "lost",
      exitCode: run?.exitCode ?? null,
      message: null,
      restarts: run?.restarts ?? 0,
      startedAt: null,
      endedAt: null,
    };
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
