import { execFileSync } from "node:child_process";
import { type ClusterDriver, type EngineUnderTest, type RunRef, SlurmDriver, type Submission } from "@ziggurat/clusters";
import { RunScene, runner, until } from "@ziggurat/clusters/run-scene";
import { SlurmConnection } from "@ziggurat/contracts";
import type { SlurmFixture } from "./slurm-fixture.js";

export const TRANSPORTS = ["slurmrestd", "commands"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The interpreter itself, not a shim that would look for it in a home folder. */
const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();

/** One folder shared with the nodes, a control plane that agrees to everything, and drivers onto a real Slurm. */
export class SlurmScene {
  private constructor(
    readonly slurm: SlurmFixture,
    readonly runs: RunScene,
    private readonly token: string,
  ) {}

  static async open(slurm: SlurmFixture): Promise<SlurmScene> {
    const [runs, token] = await Promise.all([RunScene.open(), slurm.token()]);
    return new SlurmScene(slurm, runs, token);
  }

  connection(transport: Transport, over: Partial<SlurmConnection> = {}): SlurmConnection {
    return SlurmConnection.parse({
      driver: "slurm",
      url: transport === "slurmrestd" ? this.slurm.url : null,
      user: this.slurm.user,
      configFile: this.slurm.confFile,
      workDir: this.runs.folder,
      mountedAt: this.runs.folder,
      python,
      runner,
      ...over,
    });
  }

  driver(transport: Transport, over: Partial<SlurmConnection> = {}, token = this.token): SlurmDriver {
    return new SlurmDriver(this.connection(transport, over), transport === "slurmrestd" ? { token } : null);
  }

  /** Conformance's view of the cluster. */
  bench(transport: Transport): EngineUnderTest {
    const driver = this.driver(transport);
    return {
      driver,
      resources: this.submission().resources,
      submission: () => this.submission(),
      reopened: () => this.driver(transport),
      finish: (ref, exitCode) => this.finish(driver, ref, exitCode),
      lose: (ref) => this.lose(driver, ref),
    };
  }

  submission(over: Partial<Submission["resources"]> = {}): Submission {
    return this.runs.submission({ gpusPerNode: 1, gpuType: "a100", memoryMbPerNode: 200, ...over });
  }

  /** The submission of a run that is known by its name. */
  submissionOf({ key }: RunRef): Submission {
    return { ...this.submission(), key };
  }

  /** Lets the training program end and waits until Slurm says so. */
  async finish(driver: ClusterDriver, ref: RunRef, exitCode: number): Promise<void> {
    // Slurm calls a job running before its script has run.
    await this.works(ref);
    await this.runs.finish(ref, exitCode);
    await this.over(driver, ref);
  }

  /** Its node dies; nobody waits until Slurm notices by itself. */
  async lose(driver: ClusterDriver, ref: RunRef): Promise<void> {
    await this.works(ref);
    const status = await driver.status(ref);
    const node = status.reachable ? status.nodes[0] : undefined;
    if (node === undefined) throw new Error("it runs nowhere");
    this.slurm.killNode(node);
    await this.slurm.command("scontrol", "update", `nodename=${node}`, "state=down", "reason=power");
  }

  /** Waits until the training program is at work. */
  works({ key }: RunRef): Promise<void> {
    return until(async () => (await this.runs.files(key).trainer()) !== null);
  }

  async state(driver: ClusterDriver, ref: RunRef): Promise<string> {
    const status = await driver.status(ref);
    return status.reachable ? status.state : `unreachable: ${status.message}`;
  }

  async reaches(driver: ClusterDriver, ref: RunRef, ...states: readonly string[]): Promise<void> {
    await until(async () => states.includes(await this.state(driver, ref)));
  }

  over(driver: ClusterDriver, ref: RunRef): Promise<void> {
    return this.reaches(driver, ref, "succeeded", "failed", "cancelled", "lost");
  }

  close(): Promise<void> {
    return this.runs.close();
  }
}
