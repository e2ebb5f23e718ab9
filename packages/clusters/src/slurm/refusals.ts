import { type Resources, SubmitRefused } from "../cluster-driver.js";
import { totalOf } from "./gres.js";
import type { SlurmNode } from "./slurm-transport.js";

/** Slurm's words when it will never take a job, with what to do; words, because the commands print no numbers. */
const REFUSALS: readonly (readonly [RegExp, string])[] = [
  [/Invalid partition name|No partition specified/, "Name a partition that exists in the cluster's connection; sinfo lists them."],
  [/Invalid account/, "Name an account of the cluster's user in its connection; sacctmgr show associations lists them."],
  [/Invalid qos/, "Name a QoS that the account may use in the cluster's connection; sacctmgr show qos lists them."],
  [/group not permitted|Access\/permission denied/, "Let the cluster's user submit to this partition, or name another partition."],
  [/time limit is invalid|Time limit specification required/, "Ask for less time than the partition allows; sinfo shows its limit."],
  [/partition configuration not available/, "Ask for less: the partition's limits on nodes, CPUs or time are exceeded."],
  [/generic resource|GRES/i, "Ask for GPUs as the nodes have them; the cluster's nodes show types and counts."],
  [/Memory required|Memory specification/, "Ask for less memory than a node of the partition has."],
  [/More processors|CPU count|Node count|Task count/, "Ask for no more nodes and CPUs than the partition has."],
  [
    /Unknown key|Failure during parsing|Environment is missing/,
    "This version of slurmrestd takes another form; report it with its version.",
  ],
];

/** Whether what Slurm said is its last word. Limits on submitting pass: those are no refusal. */
export function refusalOf(raw: string, resources: Resources, nodes: readonly SlurmNode[] | null): SubmitRefused | null {
  if (/node configuration is not available/.test(raw)) return new SubmitRefused(raw, whatIsTooMuch(resources, nodes ?? []));
  if (/violates accounting\/QOS policy/.test(raw) && /(QOS|Assoc)\w+/.test(raw) && !/Submit/.test(raw.replace("job submit limit", "")))
    return new SubmitRefused(raw, "Ask for less than the limits of the QoS and account, or have them raised.");
  const remedy = REFUSALS.find(([words]) => words.test(raw))?.[1];
  return remedy === undefined ? null : new SubmitRefused(raw, remedy);
}

/** What no node has, named: Slurm itself says only that there is no such node. */
function whatIsTooMuch({ gpuType, gpusPerNode, cpusPerNode, memoryMbPerNode }: Resources, nodes: readonly SlurmNode[]): string {
  const types = [...new Set(nodes.flatMap(({ gpus }) => gpus.map(({ type }) => type)))].filter((type) => type !== "").sort();
  const gpus = (node: SlurmNode) => totalOf(node.gpus.filter(({ type }) => gpuType === null || type === gpuType));
  const most = (of: (node: SlurmNode) => number) => Math.max(0, ...nodes.map(of));
  if (gpusPerNode > 0 && gpuType !== null && !types.includes(gpuType))
    return `No node has GPUs of type ${gpuType}. ${types.length > 0 ? `There are: ${types.join(", ")}.` : "No node names the type of its GPUs."}`;
  if (gpusPerNode > most(gpus)) return `No node has more than ${most(gpus)} such GPUs. Ask for fewer per node, or for more nodes.`;
  if (cpusPerNode > most(({ cpus }) => cpus)) return `No node has more than ${most(({ cpus }) => cpus)} CPUs. Ask for fewer.`;
  const memory = most((node) => node.memoryMb ?? 0);
  if (memoryMbPerNode !== null && memoryMbPerNode > memory) return `No node has more than ${memory} MiB of memory. Ask for less.`;
  return "Ask for what one node of the partition has all at once; the cluster's nodes show it.";
}
