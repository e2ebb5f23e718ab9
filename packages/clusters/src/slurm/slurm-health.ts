import { stat } from "node:fs/promises";
import type { SlurmConnection } from "@ziggurat/contracts";
import type { ClusterHealth } from "../cluster-driver.js";
import { expiryOf } from "./rest/json-web-token.js";
import { nodeFactsOf } from "./slurm-nodes.js";
import { SlurmDenied, type SlurmNode, type SlurmPartition, SlurmSaysNo, type SlurmTransport } from "./slurm-transport.js";

/** A token that ends sooner than this is spoken of while there is time to renew it. */
const SOON_MS = 3 * 86_400_000;

/** Asks Slurm for everything that a run needs of it, in the order in which it would fail. */
export async function slurmHealth(transport: SlurmTransport, connection: SlurmConnection, token: string | null): Promise<ClusterHealth> {
  const { url, user } = connection;
  try {
    const version = await transport.version();
    const [partitions, nodes] = await Promise.all([transport.partitions(), transport.nodes()]);
    return (
      (await whatIsWrong(connection, partitions, nodes)) ?? { healthy: true, device: deviceOf(nodes, version), ...soonOver(user, token) }
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof SlurmDenied)
      return {
        healthy: false,
        step: "authenticate",
        reason,
        remedy: url === null ? MUNGE_REMEDY : `${renewal(user)} Then store it as the cluster's token.`,
      };
    if (error instanceof SlurmSaysNo)
      return { healthy: false, step: "ready", reason, remedy: "Ask the cluster's operators; these are Slurm's own words." };
    return { healthy: false, step: "reach", reason, remedy: url === null ? COMMANDS_REMEDY : REST_REMEDY };
  }
}

async function whatIsWrong(
  { partition, mountedAt }: SlurmConnection,
  partitions: readonly SlurmPartition[],
  all: readonly SlurmNode[],
): Promise<ClusterHealth | null> {
  const wrong = (reason: string, remedy: string): ClusterHealth => ({ healthy: false, step: "ready", reason, remedy });
  const names = partitions.map(({ name }) => name).join(", ");
  const used = partitions.find(({ name, isDefault }) => (partition === null ? isDefault : name === partition));
  if (partition !== null && used === undefined)
    return wrong(`There is no partition ${partition}.`, `Name one of ${names} in the cluster's connection.`);
  if (used !== undefined && !used.isUp)
    return wrong(`Partition ${used.name} takes no work.`, "Name another partition, or wait until its operators open it.");
  const nodes = nodesOf(all, partition).map(nodeFactsOf);
  if (nodes.every(({ state }) => state === "down" || state === "drained")) {
    const reasons = [...new Set(nodes.flatMap(({ reason }) => reason ?? []))].join("; ");
    return wrong(`No node takes work${reasons === "" ? "" : `: ${reasons}`}.`, "Ask the cluster's operators to bring nodes back.");
  }
  if (mountedAt !== null && !(await isFolder(mountedAt)))
    return wrong(
      `The shared folder is not at ${mountedAt}.`,
      "Mount it on every machine of the platform, or take mountedAt out of the connection.",
    );
  return null;
}

/** Nodes of the partition that runs go to; all where the cluster's default decides. */
export const nodesOf = (nodes: readonly SlurmNode[], partition: string | null): readonly SlurmNode[] =>
  partition === null ? nodes : nodes.filter(({ partitions }) => partitions.includes(partition));

function deviceOf(nodes: readonly SlurmNode[], version: string): string {
  const counts = new Map<string, number>();
  for (const { gpus } of nodes) for (const { type, count } of gpus) counts.set(type || "gpu", (counts.get(type || "gpu") ?? 0) + count);
  const gpus = [...counts].map(([type, count]) => `${count} × ${type}`).join(", ");
  return `${gpus === "" ? "no GPUs" : gpus} on ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}, ${version}`;
}

function soonOver(user: string, token: string | null): { readonly note?: string } {
  const expiry = token === null ? null : expiryOf(token);
  if (expiry === null || expiry - Date.now() > SOON_MS) return {};
  return { note: `The token runs out at ${new Date(expiry).toISOString()}. ${renewal(user)}` };
}

const renewal = (user: string) =>
  `Make a new one on a machine of the cluster, for example for 30 days: scontrol token username=${user} lifespan=2592000.`;
const MUNGE_REMEDY = "Let this machine share the cluster's munge key, or store a token: scontrol token.";
const COMMANDS_REMEDY = "Install Slurm's commands on this machine with the cluster's slurm.conf, and let it reach slurmctld.";
const REST_REMEDY = "Start slurmrestd and slurmctld, check the address, and let this machine reach it.";

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
