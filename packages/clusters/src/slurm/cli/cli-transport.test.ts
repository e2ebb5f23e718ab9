import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SlurmAway, SlurmDenied, type SlurmRequest, SlurmSaysNo } from "../slurm-transport.js";
import { CliTransport } from "./cli-transport.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zig-cli-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command of Slurm that does what a test says. */
const command = (name: string, body: string) => writeFileSync(join(folder, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
const transport = (over: { token?: string; timeoutMs?: number } = {}) =>
  new CliTransport({ user: userInfo().username, configFile: "/etc/slurm/slurm.conf", commands: folder, token: null, ...over });
const request: SlurmRequest = {
  name: "zig-1-1",
  script: "#!/bin/bash\nexit 0\n",
  environment: { PATH: "/usr/bin:/bin", ZIGGURAT_JOB_TOKEN: "very-secret" },
  workDir: "/shared",
  nodes: 2,
  cpusPerNode: 4,
  gres: "gpu:a100:2",
  memoryMbPerNode: 300,
  limitMinutes: 5,
  partition: "gpu",
  account: null,
  qos: null,
};

describe("the commands", () => {
  it("get secrets by their environment alone, and nothing of ours", async () => {
    process.env.ZIGGURAT_SECRET_KEY = "not for jobs";
    try {
      command("sbatch", `env >${folder}/env; printf '%s\\n' "$@" >${folder}/args; cat >${folder}/script; echo '17;cluster'`);
      expect(await transport({ token: "a.jwt" }).submit(request)).toBe("17");
    } finally {
      delete process.env.ZIGGURAT_SECRET_KEY;
    }
    const names = readFileSync(join(folder, "env"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names.filter((name) => !["PWD", "SHLVL", "_", "OLDPWD"].includes(name ?? "")).sort()).toEqual([
      "PATH",
      "SLURM_CONF",
      "SLURM_JWT",
      "ZIGGURAT_JOB_TOKEN",
    ]);
    const args = readFileSync(join(folder, "args"), "utf8");
    expect(args).not.toContain("very-secret");
    expect(args.trim().split("\n")).toEqual([
      "--parsable",
      "--export=ALL",
      "--no-requeue",
      "--dependency=singleton",
      "--job-name=zig-1-1",
      "--chdir=/shared",
      "--input=/dev/null",
      "--output=/dev/null",
      "--error=/dev/null",
      "--nodes=2",
      "--ntasks=2",
      "--ntasks-per-node=1",
      "--cpus-per-task=4",
      "--time=5",
      "--gres=gpu:a100:2",
      "--mem=300M",
      "--partition=gpu",
    ]);
    expect(readFileSync(join(folder, "script"), "utf8")).toBe(request.script);
  });

  it.each([
    ["sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)", SlurmAway],
    ["sbatch: error: Batch job submission failed: Socket timed out on send/recv operation", SlurmAway],
    ["sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received", SlurmDenied],
    ["sbatch: error: If munged is up, restart with --num-threads=10", SlurmDenied],
    ["sbatch: error: invalid partition specified: nope", SlurmSaysNo],
  ])("that say %s", async (words, kind) => {
    command("sbatch", `echo '${words}' >&2; exit 1`);
    await expect(transport().submit(request)).rejects.toBeInstanceOf(kind);
  });

  it("are not run for somebody else than who runs them", async () => {
    const other = new CliTransport({ user: "somebody-else", configFile: null, commands: folder, token: null });
    await expect(other.jobs()).rejects.toThrow(/run as .*names somebody-else/);
  });

  it("that hang or are absent leave everything open", async () => {
    command("squeue", "exec sleep 60");
    await expect(transport({ timeoutMs: 200 }).jobs()).rejects.toThrow(/squeue did not answer within 0.2 s/);
    await expect(transport().cancel({ id: "1", name: "zig-1-1" })).rejects.toBeInstanceOf(SlurmAway);
  });

  it("know nothing of the past where accounting is off, and ask once", async () => {
    command("sacct", `echo called >>${folder}/calls; echo 'Slurm accounting storage is disabled' >&2; exit 1`);
    const one = transport();
    for (const _ of [1, 2, 3]) expect(await one.past("zig-1-1")).toBeNull();
    expect(readFileSync(join(folder, "calls"), "utf8")).toBe("called\n");
  });
});
