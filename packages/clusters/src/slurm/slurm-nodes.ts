import type { NodeFacts } from "../cluster-driver.js";
import { totalOf } from "./gres.js";
import type { SlurmNode } from "./slurm-transport.js";

const DOWN = ["DOWN", "UNKNOWN", "ERROR", "FUTURE", "FAIL", "NOT_RESPONDING", "INVALID_REG", "REBOOT_ISSUED", "POWERING_DOWN", "INVALID"];
const DRAINED = ["DRAIN", "DRAINED", "DRAINING", "MAINTENANCE", "MAINT", "RESERVED", "BLOCKED", "REBOOT_REQUESTED", "POWER_DRAIN"];

/** A node as everybody above the port sees it. One that sleeps to save power is free: a job wakes it. */
export function nodeFactsOf(node: SlurmNode): NodeFacts {
  const is = (names: readonly string[]) => node.states.some((state) => names.includes(state));
  const cpusFree = Math.max(0, node.cpus - node.cpusUsed);
  const gpus = node.gpus.map(({ type, count }) => {
    const used = totalOf(node.gpusUsed.filter((one) => one.type === type));
    return { type: type === "" ? "gpu" : type, count, free: Math.max(0, count - used) };
  });
  const isFull = cpusFree === 0 || (gpus.length > 0 && gpus.every(({ free }) => free === 0));
  return {
    name: node.name,
    state: is(DOWN) ? "down" : is(DRAINED) ? "drained" : isFull ? "busy" : "free",
    reason: node.reason,
    cpus: node.cpus,
    cpusFree,
    memoryMb: node.memoryMb,
    gpus,
  };
}
