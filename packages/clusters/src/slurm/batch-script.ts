import { posix } from "node:path";
import type { Submission } from "../cluster-driver.js";
import { runFolder, runnerArguments } from "../node-files/runner-arguments.js";

/** Where a node finds what a run needs. */
export interface ScriptPaths {
  readonly workDir: string;
  readonly python: string;
  readonly runner: string;
  readonly trainerPath: readonly string[];
  /** Folder of Slurm's commands; null: in the usual ones. */
  readonly commands: string | null;
}

/** Exit code of the script when a node does not have the shared folder. */
export const NO_FOLDER = 72;
/** Output of script and runner, in the folder of the run. */
export const LOG_FILE = "engine.log";
/** Number of the job that ran last in the folder of a run. */
export const JOB_FILE = "slurm-job";
/** Exit code of the node that failed first. */
const FIRST_EXIT = "first-exit";
/** What a job finds programs by: its environment holds nothing that it was not given. */
export const USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * The batch script of an attempt. It holds nothing secret: everybody who may see a job may read its script.
 *
 * Slurm starts a job whose folder is missing in a temporary one, so the script goes there itself or ends. It opens its own output for the
 * same reason: a file that Slurm cannot open fails the job without a word.
 */
export function batchScript(paths: ScriptPaths, submission: Submission): string {
  const folder = runFolder(paths.workDir, submission.key);
  const command = [paths.python, ...runnerArguments(paths, submission)].map(quoted).join(" ");
  return [
    "#!/bin/bash",
    "umask 077",
    "# What the commands were told to speak with is not the job's: it speaks as its user.",
    "unset SLURM_JWT",
    "export HOME=~",
    `cd ${quoted(paths.workDir)} || exit ${NO_FOLDER}`,
    `mkdir -p ${quoted(folder)} && cd ${quoted(folder)} || exit ${NO_FOLDER}`,
    `exec >>${LOG_FILE} 2>&1 </dev/null`,
    `printf %s "$SLURM_JOB_ID" >${JOB_FILE}.new && mv ${JOB_FILE}.new ${JOB_FILE}`,
    "# A lost run becomes a new attempt; Slurm shall not put this job back beside it.",
    `timeout 20 scontrol update JobId="$SLURM_JOB_ID" Requeue=0 || echo "Slurm may start this job again by itself."`,
    ...(paths.trainerPath.length > 0 ? [`export PYTHONPATH=${quoted(paths.trainerPath.join(":"))}`] : []),
    ...(submission.resources.nodes > 1 ? onEveryNode(submission, folder, command) : [`exec ${command}`]),
    "",
  ].join("\n");
}

/**
 * One runner a node. All are told where the first one is: the address by which Slurm itself reaches that node, with a port that other jobs
 * of the node hardly have. srun answers with the highest exit code, which is that of whoever it ended after the first failure; so the first
 * to fail leaves its own. Shells wait for what they started when Slurm asks all of them to end.
 */
function onEveryNode({ resources }: Submission, folder: string, command: string): string[] {
  const srun = [
    "srun",
    `--nodes=${resources.nodes}`,
    `--ntasks=${resources.nodes}`,
    "--ntasks-per-node=1",
    `--cpus-per-task=${resources.cpusPerNode}`,
    "--kill-on-bad-exit=1",
  ].join(" ");
  const task = [
    `cd "$0" || exit ${NO_FOLDER}`,
    "trap : TERM",
    `ZIGGURAT_NODE_RANK="$SLURM_NODEID" "$@"`,
    "code=$?",
    `[ $code = 0 ] || (set -C; echo $code >${FIRST_EXIT}) 2>/dev/null`,
    "exit $code",
  ].join("; ");
  return [
    `address=$(scontrol -o show node "$SLURMD_NODENAME" | grep -o ' NodeAddr=[^ ]*' | cut -d= -f2)`,
    `export ZIGGURAT_NODES=${resources.nodes}`,
    `export ZIGGURAT_RENDEZVOUS="\${address:-$(hostname)}:$((29400 + SLURM_JOB_ID % 1000))"`,
    `rm -f ${FIRST_EXIT}`,
    "trap : TERM",
    `${srun} bash -c ${quoted(task)} ${quoted(folder)} ${command}`,
    "code=$?",
    `exit "$(cat ${FIRST_EXIT} 2>/dev/null || echo $code)"`,
  ];
}

/** The variable by which programs are found, with the folder of Slurm's commands first. */
export const pathOf = ({ commands }: Pick<ScriptPaths, "commands">): string =>
  commands === null ? USUAL_PATH : `${commands}:${USUAL_PATH}`;

/** The folder of a run as the platform sees the nodes' shared disk. */
export const mountedFolder = (mountedAt: string, key: string): string => runFolder(mountedAt, key);

export const logPath = (mountedAt: string, key: string): string => posix.join(mountedFolder(mountedAt, key), LOG_FILE);

/** One word of a shell, whatever it holds. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
