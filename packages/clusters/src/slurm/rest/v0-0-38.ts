import { z } from "zod";
import { gpusOf } from "../gres.js";
import { expandHosts } from "../host-list.js";
import { decodeWaitStatus } from "../job-status.js";
import type { PastJob, SlurmJob, SlurmNode, SlurmPartition, SlurmRequest } from "../slurm-transport.js";
import type { RestVersion } from "./rest-version.js";

/** v0.0.38, of Slurm 22.05: bare numbers in which 0 stands for "not set", one state a job, an object for the environment. */
export const v0038: RestVersion = {
  submission({ script, ...request }: SlurmRequest) {
    return {
      script,
      job: {
        name: request.name,
        environment: request.environment,
        current_working_directory: request.workDir,
        standard_input: "/dev/null",
        standard_output: "/dev/null",
        standard_error: "/dev/null",
        // A list of two numbers counts only beside `tasks_per_node`; a text always does.
        nodes: String(request.nodes),
        tasks: request.nodes,
        tasks_per_node: 1,
        cpus_per_task: request.cpusPerNode,
        time_limit: request.limitMinutes,
        dependency: "singleton",
        // Ignored by 22.05, so the script says it again.
        requeue: false,
        ...(request.gres === null ? {} : { gpus_per_node: request.gres.replace(/^gpu:/, "") }),
        ...(request.memoryMbPerNode === null ? {} : { memory_per_node: request.memoryMbPerNode }),
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

const Job = z.looseObject({
  job_id: z.number().int(),
  name: z.string(),
  user_name: z.string(),
  job_state: z.string(),
  state_reason: z.string(),
  state_description: z.string().nullish(),
  exit_code: z.number().int(),
  restart_cnt: z.number().int(),
  submit_time: z.number(),
  start_time: z.number(),
  end_time: z.number(),
  nodes: z.string().nullish(),
  node_count: z.number().int().nullish(),
  tasks: z.number().int().nullish(),
  tres_per_node: z.string().nullish(),
});
const Jobs = z.looseObject({ jobs: z.array(Job) });

function jobOf(job: z.output<typeof Job>): SlurmJob {
  return {
    id: String(job.job_id),
    name: job.name,
    states: [job.job_state],
    reason: job.state_description || (job.state_reason === "None" ? null : job.state_reason),
    submittedAt: job.submit_time || null,
    startsAt: job.start_time || null,
    endsAt: job.end_time || null,
    exit: decodeWaitStatus(job.exit_code),
    restarts: job.restart_cnt,
    nodes: expandHosts(job.nodes ?? null),
    nodeCount: job.node_count ?? null,
    taskCount: job.tasks ?? null,
    gpusPerNode: gpusOf(job.tres_per_node ?? null),
  };
}

const Node = z.looseObject({
  name: z.string(),
  state: z.string(),
  state_flags: z.array(z.string()),
  reason: z.string().nullish(),
  partitions: z.array(z.string()),
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
    states: [node.state, ...node.state_flags].map((state) => state.toUpperCase()),
    reason: node.reason || null,
    partitions: node.partitions,
    cpus: node.cpus,
    cpusUsed: node.alloc_cpus,
    memoryMb: node.real_memory,
    gpus: gpusOf(node.gres ?? null),
    gpusUsed: gpusOf(node.gres_used ?? null),
  };
}

const Partition = z.looseObject({ name: z.string(), state: z.string(), flags: z.array(z.string()) });
const Partitions = z.looseObject({ partitions: z.array(Partition) });

const partitionOf = ({ name, state, flags }: z.output<typeof Partition>): SlurmPartition => ({
  name,
  isUp: state === "UP",
  isDefault: flags.includes("default"),
});

const Past = z.looseObject({
  job_id: z.number().int(),
  name: z.string(),
  nodes: z.string().nullish(),
  state: z.looseObject({ current: z.string(), reason: z.string().nullish() }),
  time: z.looseObject({ submission: z.number(), start: z.number(), end: z.number() }),
});
const PastJobs = z.looseObject({ jobs: z.array(Past) });

function pastOf(job: z.output<typeof Past>): PastJob {
  return {
    job: {
      id: String(job.job_id),
      name: job.name,
      states: [job.state.current],
      reason: job.state.reason === "None" ? null : (job.state.reason ?? null),
      submittedAt: job.time.submission || null,
      startsAt: job.time.start || null,
      endsAt: job.time.end || null,
      // 22.05 answers `SUCCESS` and 0 here for every job, failed ones too.
      exit: job.state.current === "COMPLETED" ? { code: 0, signal: 0 } : null,
      restarts: 0,
      nodes: expandHosts(job.nodes ?? null),
      nodeCount: null,
      taskCount: null,
      gpusPerNode: [],
    },
    cpuSeconds: null,
    maxMemoryBytes: null,
  };
}
