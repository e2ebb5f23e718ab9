import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";
import type { ClusterHealth } from "../cluster-driver.js";

/**
 * Whether `python` is there and can import what training needs; says on which device it would train.
 * @param path folders searched before the environment's own
 * @param stateFile what the set-up of the environment says about itself, where there is such a file
 */
export async function checkPython(
  python: string,
  modules: readonly string[],
  path: readonly string[],
  stateFile: string | null,
): Promise<ClusterHealth> {
  const state = stateFile === null ? null : await setUpState(stateFile);
  if (state?.state === "installing") {
    return {
      healthy: false,
      step: "ready",
      reason: "The training environment is being made.",
      remedy: "Wait; jobs start by themselves when it is ready.",
    };
  }
  if (
    python.includes("/") &&
    !(await access(python).then(
      () => true,
      () => false,
    ))
  ) {
    return state?.state === "failed"
      ? { healthy: false, step: "ready", reason: state.reason, remedy: state.remedy }
      : { healthy: false, step: "ready", reason: "The training environment is not there.", remedy: REMEDY };
  }
  try {
    const { stdout } = await promisify(execFile)(python, ["-I", "-c", PROBE, path.join(":"), ...modules], { timeout: 120_000 });
    const answer = stdout.trim();
    if (answer.startsWith("missing ")) {
      return {
        healthy: false,
        step: "ready",
        reason: `The training environment lacks ${answer.slice("missing ".length)}.`,
        remedy: REMEDY,
      };
    }
    return { healthy: true, device: answer };
  } catch (error) {
    const detail = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : String(error);
    return { healthy: false, step: "ready", reason: `Python does not work here: ${detail}`, remedy: REMEDY };
  }
}

const REMEDY = "Start Ziggurat with Python 3.11 or later and a package index in reach; the environment is then made by itself.";

const PROBE = `
import importlib, os, sys
if sys.version_info < (3, 11):
    print("missing Python 3.11"); sys.exit()
sys.path[:0] = [folder for folder in sys.argv[1].split(":") if folder]
try:
    for name in sys.argv[2:]:
        importlib.import_module(name)
except ImportError as error:
    print(f"missing {error.name or error}"); sys.exit()
device = f"cpu ({os.cpu_count()} cores)"
torch = sys.modules.get("torch")
if torch is not None and torch.cuda.is_available():
    device = f"cuda ({torch.cuda.get_device_name(0)})"
print(device)
`;

const SetUpState = z.looseObject({ state: z.string(), reason: z.string().default(""), remedy: z.string().default("") });

async function setUpState(path: string): Promise<z.output<typeof SetUpState> | null> {
  try {
    return SetUpState.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
