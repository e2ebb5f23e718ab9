import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

/** What a throwaway cluster shall be; every default makes it small and quick to notice what happens to it. */
export interface SlurmWishes {
  /** Where it lives, and stays until somebody ends it. Without, it has a folder of its own and ends with the process that started it. */
  readonly folder?: string;
  /** Virtual nodes of one machine, named n1, n2, … */
  readonly nodes?: number;
  readonly gpusPerNode?: number;
  readonly cpusPerNode?: number;
  readonly memoryMb?: number;
  /** Seconds that a node may be silent before the controller gives it up. */
  readonly nodeTimeoutSeconds?: number;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly killWaitSeconds?: number;
  /** Seconds that the controller remembers an ended job. */
  readonly minJobAgeSeconds?: number;
}

/** Everything that has to be known to find a cluster again, as kept in its folder. */
export interface SlurmLayout extends Required<Omit<SlurmWishes, "nodes" | "folder">> {
  readonly folder: string;
  /** Process that ends it; null for one that stays until somebody does. */
  readonly owner: number | null;
  readonly nodes: readonly { readonly name: string; readonly port: number }[];
  readonly controllerPort: number;
  readonly restPort: number;
}

export async function makeLayout(folder: string, owner: number | null, wishes: SlurmWishes): Promise<SlurmLayout> {
  const { nodes = 3, folder: _, ...rest } = wishes;
  const [controllerPort = 0, restPort = 0, ...nodePorts] = await freePorts(2 + nodes);
  const layout: SlurmLayout = {
    folder,
    owner,
    nodes: nodePorts.map((port, at) => ({ name: `n${at + 1}`, port })),
    controllerPort,
    restPort,
    gpusPerNode: 4,
    cpusPerNode: 8,
    memoryMb: 16_000,
    nodeTimeoutSeconds: 10,
    killWaitSeconds: 3,
    minJobAgeSeconds: 300,
    ...rest,
  };
  writeFileSync(join(folder, "layout.json"), JSON.stringify(layout, null, 2));
  return layout;
}

export const readLayout = (folder: string): SlurmLayout => JSON.parse(readFileSync(join(folder, "layout.json"), "utf8"));

export const confFileOf = ({ folder }: SlurmLayout): string => join(folder, "etc", "slurm.conf");
export const deviceOf = ({ folder }: SlurmLayout, node: string, gpu: number): string => join(folder, "dev", node, `gpu${gpu}`);

/** Partition names and what a test finds behind each. */
export const PARTITIONS = {
  /** The default; its jobs give way to those of {@link PARTITIONS.urgent}. */
  normal: "gpu",
  urgent: "gpu-high",
  /** Takes ten minutes at most. */
  short: "short",
  /** Takes no work. */
  closed: "closed",
} as const;

/** `slurm.conf` of a cluster whose nodes are all this machine and which listens on loopback alone. */
export function slurmConf(layout: SlurmLayout): string {
  const { folder, nodes } = layout;
  const settings = {
    ClusterName: "throwaway",
    SlurmctldHost: "localhost(127.0.0.1)",
    SlurmctldPort: layout.controllerPort,
    SlurmUser: "root",
    AuthType: "auth/munge",
    AuthInfo: `socket=${folder}/munge/socket`,
    AuthAltTypes: "auth/jwt",
    AuthAltParameters: `jwt_key=${folder}/etc/jwt.key`,
    CredType: "cred/munge",
    CommunicationParameters: "NoCtldInAddrAny,NoInAddrAny",
    StateSaveLocation: `${folder}/state`,
    SlurmdSpoolDir: `${folder}/spool/%n`,
    SlurmctldPidFile: `${folder}/run/slurmctld.pid`,
    SlurmdPidFile: `${folder}/run/%n.pid`,
    SlurmctldLogFile: `${folder}/log/slurmctld.log`,
    SlurmdLogFile: `${folder}/log/%n.log`,
    // Each virtual node claims more than this machine has.
    SlurmdParameters: "config_overrides",
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    AccountingStorageType: "accounting_storage/none",
    MpiDefault: "none",
    MailProg: "/bin/true",
    GresTypes: "gpu",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_Core_Memory",
    DefMemPerCPU: 100,
    SchedulerType: "sched/backfill",
    SchedulerParameters: "batch_sched_delay=0,bf_interval=1,sched_interval=1,sched_min_interval=0",
    PriorityType: "priority/basic",
    PreemptType: "preempt/partition_prio",
    PreemptMode: "REQUEUE",
    JobRequeue: 1,
    ReturnToService: 2,
    SlurmdTimeout: layout.nodeTimeoutSeconds,
    SlurmctldTimeout: 10,
    KillWait: layout.killWaitSeconds,
    MinJobAge: layout.minJobAgeSeconds,
    InactiveLimit: 0,
    CompleteWait: 0,
  };
  const node = `CPUs=${layout.cpusPerNode} RealMemory=${layout.memoryMb} Gres=gpu:a100:${layout.gpusPerNode} State=UNKNOWN`;
  const partition = (name: string, rest: string) => `PartitionName=${name} Nodes=ALL DefaultTime=1-0 ${rest}`;
  return [
    ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
    ...nodes.map(({ name, port }) => `NodeName=${name} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${port} ${node}`),
    partition(PARTITIONS.normal, "Default=YES MaxTime=7-0 PriorityTier=1 PreemptMode=REQUEUE State=UP"),
    partition(PARTITIONS.urgent, "MaxTime=7-0 PriorityTier=10 PreemptMode=OFF State=UP"),
    partition(PARTITIONS.short, "MaxTime=10 PriorityTier=1 PreemptMode=OFF State=UP"),
    partition(PARTITIONS.closed, "MaxTime=7-0 PriorityTier=1 PreemptMode=OFF State=DOWN"),
    "",
  ].join("\n");
}

export function gresConf(layout: SlurmLayout): string {
  const lines = layout.nodes.flatMap(({ name }) =>
    Array.from({ length: layout.gpusPerNode }, (_, gpu) => `NodeName=${name} Name=gpu Type=a100 File=${deviceOf(layout, name, gpu)}`),
  );
  return `${lines.join("\n")}\n`;
}

/** Ports that nobody listens on. All are held until all are found, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
