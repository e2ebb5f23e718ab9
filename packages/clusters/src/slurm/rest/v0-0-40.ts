import { z } from "zod";
import { gpusOf } from "../gres.js";
import { expandHosts } from "../host-list.js";
import type { PastJob, SlurmJob, SlurmNode, SlurmPartition, SlurmRequest } from "../slurm-transport.js";
import type { RestVersion } from "./rest-version.js";

/** v0.0.40 and later, of Slurm 23.11: numbers say whether they are set, states are lists, the environment is a list of `NAME=value`. */
export const v0040: RestVersion = {
  submission(request: SlurmRequest) {
    return {
      job: {
        script: request.script,
        name: request.name,
        environment: Object.entries(request.environment).map(([name, value]) => `${name}=${value}`),
        current_working_directory: request.workDir,
        standard_input: "/dev/null",
        standard_output: "/dev/null",
        standard_error: "/dev/null",
        nodes: String(request.nodes),
        tasks: request.nodes,
        tasks_per_node: 1,
        cpus_per_task: request.cpusPerNode,
        time_limit: number(request.limitMinutes),
        dependency: "singleton",
        requeue: false,
        ...(request.gres === null ? {} : { tres_per_node: `gres/${request.gres}` }),
        ...(request.memoryMbPerNode === null ? {} : { memory_per_node: number(request.memoryMbPerNode) }),
        ...(request.partition === null ? {} : { partition: request.partition }),
        ...(request.account === null ? {} : { account: request.account }),
        ...(request.qos === null ? {} : { qos: request.qos }),
      },
    };
  },
  jobs: (answer, user) =>
    Jobs.parse(answer)
      .jobs.filter((job) => job.user_name === user)
      .map(jobOf),
  nodes: (answer) => Nodes.parse(answer).nodes.map(nodeOf),
  partitions: (answer) => Partitions.parse(answer).partitions.map(partitionOf),
  past: (answer) => PastJobs.parse(answer).jobs.map(pastOf),
};

const number = (value: number) => ({ set: true, infinite: false, number: value });

/** A number that may not be set; null then, and for endless ones. */
const Count = z
  .union([z.number(), z.looseObject({ set: z.boolean(), infinite: z.boolean().optional(), number: z.number().optional() })])
  .transform((value) => (typeof value === "number" ? value : value.set && value.infinite !== true ? (value.number ?? null) : null));
const States = z.array(z.string());
const ExitCode = z
  .looseObject({ return_code: Count.optional(), signal: z.looseObject({ id: Count.optional() }).optional() })
  .transform(({ return_code, signal }) => ({ code: return_code ?? 0, signal: signal?.id ?? 0 }));
/** Lists of names are lists from some version on and text with commas before. */
const Names = z.union([z.array(z.string()), z.string().transform((text) => text.split(",").filter((name) => name !== ""))]);

const Job = z.looseObject({
  job_id: z.number().int(),
  name: z.string(),
  user_name: z.string(),
  job_state: States,
  state_reason: z.string(),
  state_description: z.string().nullish(),
  exit_code: ExitCode.optional(),
  restart_cnt: z.number().int().default(0),
  submit_time: Count,
  start_time: Count,
  end_time: Count,
  nodes: z.string().nullish(),
  node_count: Count.optional(),
  tasks: Count.optional(),
  tres_per_node: z.string().nullish(),
});
const Jobs = z.looseObject({ jobs: z.array(Job) });

function jobOf(job: z.output<typeof Job>): SlurmJob {
  return {
    id: String(job.job_id),
    name: job.name,
    states: job.job_state,
    reason: job.state_description || (job.state_reason === "None" ? null : job.state_reason),
    submittedAt: job.submit_time || null,
    startsAt: job.start_time || null,
    endsAt: job.end_time || null,
    exit: job.exit_code ?? null,
    restarts: job.restart_cnt,
    nodes: expandHosts(job.nodes ?? null),
    nodeCount: job.node_count ?? null,
    taskCount: job.tasks ?? null,
    gpusPerNode: gpusOf(job.tres_per_node ?? null),
  };
}

const Node = z.looseObject({
  name: z.string(),
  state: States,
  reason: z.string().nullish(),
  partitions: Names,
  cpus: z.number().int(),
  alloc_cpus: z.number().int(),
  real_memory: z.number(),
  gres: z.string().nullish(),
  gres_used: z.string().nullish(),
});
const Nodes = z.looseObject({ nodes: z.array(Node) });

function nodeOf(node: z.output<typeof Node>): SlurmNode {
  return {
    name: node.name,
    states: node.state,
    reason: node.reason || null,
    partitions: node.partitions,
    cpus: node.cpus,
    cpusUsed: node.alloc_cpus,
    memoryMb: node.real_memory,
    gpus: gpusOf(node.gres ?? null),
    gpusUsed: gpusOf(node.gres_used ?? null),
  };
}

const Partition = z.looseObject({ name: z.string(), partition: z.looseObject({ state: States }), flags: States.optional() });
const Partitions = z.looseObject({ partitions: z.array(Partition) });

const partitionOf = ({ name, partition, flags }: z.output<typeof Partition>): SlurmPartition => ({
  name,
  isUp: partition.state.includes("UP"),
  // Flags came with v0.0.45; before that a default partition cannot be told.
  isDefault: flags?.includes("DEFAULT") ?? false,
});

const Past = z.looseObject({
  job_id: z.number().int(),
  name: z.string(),
  nodes: z.string().nullish(),
  state: z.looseObject({ current: States, reason: z.string().nullish() }),
  exit_code: ExitCode.optional(),
  restart_cnt: z.number().int().default(0),
  time: z.looseObject({ submission: Count, start: Count, end: Count }),
});
const PastJobs = z.looseObject({ jobs: z.array(Past) });

function pastOf(job: z.output<typeof Past>): PastJob {
  return {
    job: {
      id: String(job.job_id),
      name: job.name,
      states: job.state.current,
      reason: job.state.reason === "None" ? null : (job.state.reason ?? null),
      submittedAt: job.time.submission || null,
      startsAt: job.time.start || null,
      endsAt: job.time.end || null,
      exit: job.exit_code ?? null,
      restarts: job.restart_cnt,
      nodes: expandHosts(job.nodes ?? null),
      nodeCount: null,
      taskCount: null,
      gpusPerNode: [],
    },
    cpuSeconds: null,
    maxMemoryBytes: null,
  };
}
