import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { promisify } from "node:util";
import type { ClusterHealth } from "../cluster-driver.js";

/** Whether `python` is there and can import what training needs; says on which device it would train. */
export async function checkPython(python: string, modules: readonly string[]): Promise<ClusterHealth> {
  if (
    python.includes("/") &&
    !(await access(python).then(
      () => true,
      () => false,
    ))
  ) {
    return { healthy: false, reason: "The training environment is not there yet.", remedy: REMEDY };
  }
  try {
    const { stdout } = await promisify(execFile)(python, ["-I", "-c", PROBE, ...modules], { timeout: 120_000 });
    const answer = stdout.trim();
    if (answer.startsWith("missing ")) {
      return { healthy: false, reason: `The training environment lacks ${answer.slice("missing ".length)}.`, remedy: REMEDY };
    }
    return { healthy: true, device: answer };
  } catch (error) {
    const detail = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : String(error);
    return { healthy: false, reason: `Python does not work here: ${detail}`, remedy: REMEDY };
  }
}

const REMEDY = "Start Ziggurat with Python 3.11 or later and a package index in reach; the environment is then made by itself.";

/** Looks for every module before importing the heavy one, so that an incomplete environment is named quickly. */
const PROBE = `
import importlib.util, os, sys
if sys.version_info < (3, 11):
    print("missing Python 3.11"); sys.exit()
absent = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
if absent:
    print("missing " + ", ".join(absent)); sys.exit()
device = f"cpu ({os.cpu_count()} cores)"
if "torch" in sys.argv[1:]:
    import torch
    if torch.cuda.is_available():
        device = f"cuda ({torch.cuda.get_device_name(0)})"
print(device)
`;
