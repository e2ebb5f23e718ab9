import { gpusOf } from "../gres.js";
import { expandHosts } from "../host-list.js";
import { decodeWaitStatus } from "../job-status.js";
import type { PastJob, SlurmJob, SlurmNode, SlurmPartition } from "../slurm-transport.js";

/** Columns asked of `squeue`. The name comes last: it alone may hold the mark between columns. */
export const JOB_COLUMNS = [
  "JobID",
  "State",
  "Reason",
  "SubmitTime",
  "StartTime",
  "EndTime",
  "exit_code",
  "RestartCnt",
  "NumNodes",
  "NumTasks",
  "NodeList",
  "tres-per-node",
  "Name",
] as const;

/** The jobs in what `squeue` printed; a line of another form is no job of ours. */
export function parseJobs(text: string): SlurmJob[] {
  return text.split("\n").flatMap((line) => {
    const parts = line.replace(/\|$/, "").split("|");
    if (parts.length < JOB_COLUMNS.length) return [];
    const [id = "", state = "", reason = "", submitted, starts, ends, exit, restarts, nodes, tasks, hosts = "", gres = "", ...name] = parts;
    if (!/^\d+$/.test(id)) return [];
    return [
      {
        id,
        name: name.join("|"),
        states: state.split(/[+,\s]+/).filter((part) => part !== ""),
        reason: reason === "None" || reason === "" ? null : reason,
        submittedAt: seconds(submitted),
        startsAt: seconds(starts),
        endsAt: seconds(ends),
        exit: decodeWaitStatus(Number(exit) || 0),
        restarts: Number(restarts) || 0,
        nodes: expandHosts(hosts),
        nodeCount: count(nodes),
        taskCount: count(tasks),
        gpusPerNode: gpusOf(gres),
      },
    ];
  });
}

/** Columns asked of `sacct`, whose lines of steps say what was used. */
export const PAST_COLUMNS = ["JobID", "State", "ExitCode", "Submit", "Start", "End", "NodeList", "TotalCPU", "MaxRSS", "JobName"] as const;

/** The newest job of a name in what `sacct` printed. */
export function parsePast(text: string, name: string): PastJob | null {
  const lines = text.split("\n").map((line) => line.split("|"));
  const jobs = lines.flatMap(([id = "", state = "", exit = "", submitted, starts, ends, hosts = "", cpu = "", , ...rest]): PastJob[] => {
    if (!/^\d+$/.test(id) || rest.join("|") !== name) return [];
    const [code = 0, signal = 0] = exit.split(":").map(Number);
    const steps = lines.filter(([step]) => step?.startsWith(`${id}.`));
    return [
      {
        job: {
          id,
          name,
          // `CANCELLED by 1000` names who did it.
          states: [state.split(" ")[0] ?? ""],
          reason: null,
          submittedAt: seconds(submitted),
          startsAt: seconds(starts),
          endsAt: seconds(ends),
          exit: { code, signal },
          restarts: 0,
          nodes: expandHosts(hosts === "None assigned" ? null : hosts),
          nodeCount: null,
          taskCount: null,
          gpusPerNode: [],
        },
        cpuSeconds: duration(cpu),
        maxMemoryBytes: Math.max(0, ...steps.map((step) => bytes(step[8]))) || null,
      },
    ];
  });
  return jobs.toSorted((a, b) => (b.job.submittedAt ?? 0) - (a.job.submittedAt ?? 0))[0] ?? null;
}

/** The nodes in what `scontrol -d -o show node` printed. */
export const parseNodes = (text: string): SlurmNode[] =>
  records(text).flatMap((field) => {
    const name = field("NodeName");
    if (name === null) return [];
    const states = (field("State") ?? "").split("+");
    return [
      {
        name,
        // An asterisk means that the node does not answer.
        states: [...states.map((state) => state.replace(/[^A-Z_]/g, "")), ...(states[0]?.includes("*") ? ["NOT_RESPONDING"] : [])],
        reason: field("Reason"),
        partitions: (field("Partitions") ?? "").split(",").filter((part) => part !== ""),
        cpus: Number(field("CPUTot")),
        cpusUsed: Number(field("CPUAlloc")),
        memoryMb: count(field("RealMemory") ?? undefined),
        gpus: gpusOf(field("Gres")),
        gpusUsed: gpusOf(field("GresUsed")),
      },
    ];
  });

/** The partitions in what `scontrol -o show partition` printed. */
export const parsePartitions = (text: string): SlurmPartition[] =>
  records(text).flatMap((field) => {
    const name = field("PartitionName");
    return name === null ? [] : [{ name, isUp: field("State") === "UP", isDefault: field("Default") === "YES" }];
  });

/** Lines of `Key=value` pairs; a value may hold spaces, and ends where the next key begins. */
function records(text: string): ((key: string) => string | null)[] {
  return text
    .split("\n")
    .filter((line) => line.includes("="))
    .map((line) => {
      const fields = new Map(
        [...line.matchAll(/(?:^|\s)([A-Za-z][\w:/]*)=(.*?)(?=\s+[A-Za-z][\w:/]*=|\s*$)/g)].map(([, key, value]) => [key, value]),
      );
      return (key: string) => {
        const value = fields.get(key);
        return value === undefined || value === "" || value === "(null)" ? null : value;
      };
    });
}

/** The commands run with UTC as their zone and name none. */
function seconds(text: string | undefined): number | null {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text ?? "") ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(time) ? null : time / 1000;
}

function count(text: string | undefined): number | null {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? null : number;
}

/** Seconds of `[days-][hours:]minutes:seconds[.fraction]`. */
function duration(text: string): number | null {
  const match = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return null;
  const [, days = "0", hours = "0", minutes = "0", rest = "0"] = match;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(rest);
}

function bytes(text: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text ?? "");
  return match === null ? 0 : Number(match[1]) * 1024 ** " KMGT".indexOf(match[2] || " ");
}
