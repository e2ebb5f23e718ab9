import { execFile, spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's packages of what a cluster needs, each with a program that proves it is there. */
const PACKAGES = {
  munge: "munged",
  slurmctld: "slurmctld",
  slurmd: "slurmd",
  "slurm-client": "sbatch",
  slurmrestd: "slurmrestd",
} as const;
const PLUGINS = ["slurm-wlm-basic-plugins", "slurm-wlm-jwt-plugin"];

/**
 * Why a Slurm of our own cannot run on this machine; null once everything is installed.
 * @throws Error when this machine could have one and its installation broke
 */
export async function whyNoSlurm(say: (line: string) => void = () => undefined): Promise<string | null> {
  if (process.platform !== "linux") return "Slurm runs on Linux only";
  if (process.getuid?.() !== 0) return "a Slurm of our own needs root: slurmd starts jobs as their users";
  const missing = Object.entries(PACKAGES).flatMap(([name, program]) => (isThere(program) ? [] : [name]));
  if (missing.length > 0) {
    if (!isThere("apt-get")) return `${missing.join(", ")} missing, and this machine has no apt to install them`;
    const began = performance.now();
    say(`installing ${missing.join(", ")} …`);
    await install([...missing, ...PLUGINS]);
    say(`installed in ${Math.round((performance.now() - began) / 1000)} s`);
  }
  return null;
}

const isThere = (program: string): boolean =>
  spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin"; command -v ${program}`], { stdio: "ignore" }).status === 0;

/** Debian asks this program before it starts a service. Where a machine has none, ours says no for as long as we install. */
const POLICY = "/usr/sbin/policy-rc.d";

async function install(names: readonly string[]): Promise<void> {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const apt = (...args: string[]) =>
    run("apt-get", ["-q", "-y", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeout: 300_000,
      maxBuffer: 64 * 1024 ** 2,
    });
  try {
    // Lists may be absent or old: they are fetched only when the packages cannot be had without.
    await apt("install", "--no-install-recommends", ...names).catch(async () => {
      await apt("update");
      await apt("install", "--no-install-recommends", ...names);
    });
  } finally {
    if (isOurs) rmSync(POLICY, { force: true });
  }
}
