import { userInfo } from "node:os";
import { posix } from "node:path";
import { USUAL_PATH } from "../batch-script.js";
import {
  endedAlready,
  type PastJob,
  SlurmAway,
  SlurmDenied,
  type SlurmJob,
  type SlurmNode,
  type SlurmPartition,
  type SlurmRequest,
  SlurmSaysNo,
  type SlurmTransport,
} from "../slurm-transport.js";
import { JOB_COLUMNS, PAST_COLUMNS, parseJobs, parseNodes, parsePartitions, parsePast } from "./records.js";
import { type CommandResult, runCommand } from "./run-command.js";

export interface CliOptions {
  /** User whose jobs they are, and as whom the commands run. */
  readonly user: string;
  /** `slurm.conf`; null leaves it to the machine. */
  readonly configFile: string | null;
  /** Folder of the commands; null searches the usual ones. */
  readonly commands: string | null;
  /** A JWT in place of munge; null speaks as whoever the platform runs as. */
  readonly token: string | null;
  readonly timeoutMs?: number;
}

/** Where a job's accounting is looked for, counted back from now. */
const PAST_DAYS = 30;

/** Slurm by its commands, on a machine of the platform that has them. */
export class CliTransport implements SlurmTransport {
  private hasAccounting = true;

  constructor(private readonly options: CliOptions) {}

  async version(): Promise<string> {
    // Asks the controller for what was built into it, so the answer proves that it is there and believes us.
    const { stdout } = await this.run("scontrol", ["show", "config"]);
    return `Slurm ${/^SLURM_VERSION\s*=\s*(\S+)/m.exec(stdout)?.[1] ?? "of unknown version"}`;
  }

  async jobs(): Promise<readonly SlurmJob[]> {
    const columns = JOB_COLUMNS.map((name) => `${name}:|`).join(",");
    const { stdout } = await this.run("squeue", [
      "--all",
      "--noheader",
      "--states=all",
      `--user=${this.options.user}`,
      `--Format=${columns}`,
    ]);
    return parseJobs(stdout);
  }

  async nodes(): Promise<readonly SlurmNode[]> {
    return parseNodes((await this.run("scontrol", ["--details", "--oneliner", "show", "node"])).stdout);
  }

  async partitions(): Promise<readonly SlurmPartition[]> {
    return parsePartitions((await this.run("scontrol", ["--oneliner", "show", "partition"])).stdout);
  }

  async submit(request: SlurmRequest): Promise<string> {
    const { stdout } = await this.run("sbatch", optionsOf(request), { input: request.script, environment: request.environment });
    const id = /^(\d+)(;.*)?$/m.exec(stdout.trim())?.[1];
    if (id === undefined) throw new SlurmAway(`sbatch printed no job number: ${stdout.trim()}`);
    return id;
  }

  async cancel({ id, name }: Pick<SlurmJob, "id" | "name">): Promise<void> {
    // With the name beside it a number that now means another job ends nothing.
    await this.run("scancel", [`--name=${name}`, id]).catch(endedAlready);
  }

  async past(name: string): Promise<PastJob | null> {
    if (!this.hasAccounting) return null;
    const args = [
      "--noheader",
      "--parsable2",
      "--duplicates",
      `--starttime=now-${PAST_DAYS}days`,
      `--name=${name}`,
      `--format=${PAST_COLUMNS.join(",")}`,
    ];
    try {
      return parsePast((await this.run("sacct", args)).stdout, name);
    } catch (error) {
      if (!(error instanceof SlurmSaysNo && /accounting storage is disabled/.test(error.message))) throw error;
      this.hasAccounting = false;
      return null;
    }
  }

  private async run(
    name: string,
    args: readonly string[],
    { input, environment }: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
  ): Promise<CommandResult> {
    const { user, configFile, commands, token, timeoutMs = 30_000 } = this.options;
    // munge vouches for whoever runs the commands: jobs would be theirs, and nobody would find them under the other name.
    if (token === null && user !== ownName()) throw new SlurmDenied(`The commands run as ${ownName()}, and the connection names ${user}.`);
    const program = commands === null ? name : posix.join(commands, name);
    const env = {
      // The environment of a submission is the job's too. Other commands print times, and shall name no zone.
      ...(environment ?? { PATH: USUAL_PATH, TZ: "UTC" }),
      ...(configFile === null ? {} : { SLURM_CONF: configFile }),
      ...(token === null ? {} : { SLURM_JWT: token }),
    };
    const result = await runCommand(program, args, { env, timeoutMs, ...(input === undefined ? {} : { input }) });
    if (result.code === 0) return result;
    const words = result.stderr.replaceAll(/^\w+: (error: )?/gm, "").replaceAll("\n", "; ") || `${name} ended with ${result.code}`;
    if (DENIED.test(words)) throw new SlurmDenied(`Slurm does not believe who we are: ${words}`);
    if (AWAY.test(words)) throw new SlurmAway(words);
    throw new SlurmSaysNo(words);
  }
}

function ownName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without a name is known by number.
    return String(process.getuid?.());
  }
}

/** The controller hangs up on whom it does not believe. */
const DENIED = /Zero Bytes were transmitted|authentication|munge|credential/i;
const AWAY =
  /Unable to contact slurm|Connection (refused|timed out)|timed out|communication|try again|Unable to process configuration|retry/i;

function optionsOf(request: SlurmRequest): string[] {
  const given = (name: string, value: string | number | null) => (value === null ? [] : [`--${name}=${value}`]);
  return [
    "--parsable",
    // All of an environment that holds nothing else. A list of names would have the user's login shell run on the node, and srun pass on
    // no more than the list.
    "--export=ALL",
    "--no-requeue",
    "--dependency=singleton",
    `--job-name=${request.name}`,
    `--chdir=${request.workDir}`,
    "--input=/dev/null",
    "--output=/dev/null",
    "--error=/dev/null",
    `--nodes=${request.nodes}`,
    `--ntasks=${request.nodes}`,
    "--ntasks-per-node=1",
    `--cpus-per-task=${request.cpusPerNode}`,
    `--time=${request.limitMinutes}`,
    ...given("gres", request.gres),
    ...given("mem", request.memoryMbPerNode === null ? null : `${request.memoryMbPerNode}M`),
    ...given("partition", request.partition),
    ...given("account", request.account),
    ...given("qos", request.qos),
  ];
}
