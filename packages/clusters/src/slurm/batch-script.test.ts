import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { oneNode } from "../../test/run-scene.js";
import type { Submission } from "../cluster-driver.js";
import { batchScript, LOG_FILE } from "./batch-script.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zig-script-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const paths = () => ({
  workDir: folder,
  python: "/bin/echo",
  runner: "/opt/it's here/runner",
  trainerPath: ["/opt/a", "/opt/b"],
  commands: null,
});
const submission = (over: Partial<Submission> = {}): Submission => ({
  key: "zig-1-1",
  family: "zig-1",
  resources: oneNode,
  work: { kind: "run", url: "http://control.example/runs/1", token: "very-secret" },
  ...over,
});
/** From a file, as slurmd runs it. */
function run(script: string, env: Record<string, string> = {}) {
  const file = join(folder, "script");
  writeFileSync(file, script);
  return spawnSync("bash", [file], { env: { PATH: "/usr/bin:/bin", SLURM_JOB_ID: "42", ...env }, encoding: "utf8" });
}

describe("the batch script", () => {
  it("holds nothing that everybody may not read", () => {
    expect(batchScript(paths(), submission())).not.toMatch(/very-secret|control\.example/);
  });

  it("starts the runner in the run's folder, and says which job it was", () => {
    expect(run(batchScript(paths(), submission())).status).toBe(0);
    const log = readFileSync(join(folder, "runs/zig-1-1", LOG_FILE), "utf8");
    expect(log).toContain(`-I /opt/it's here/runner --key zig-1-1 --dir ${folder}/runs/zig-1-1`);
    expect(readFileSync(join(folder, "runs/zig-1-1/slurm-job"), "utf8")).toBe("42");
  });

  it("is no door for what a probe prints", () => {
    const text = `a'; touch ${folder}/broken; echo '$(touch ${folder}/broken) "\`id\``;
    run(batchScript(paths(), submission({ work: { kind: "probe", text, seconds: 0 } })));
    expect(readFileSync(join(folder, "runs/zig-1-1", LOG_FILE), "utf8")).toContain(`--probe ${text} --probe-seconds 0`);
    expect(spawnSync("ls", [join(folder, "broken")]).status).not.toBe(0);
  });

  it("ends with a code of its own where the shared folder is not", () => {
    expect(run(batchScript({ ...paths(), workDir: "/nowhere/at/all" }, submission())).status).toBe(72);
  });

  it("keeps the cluster's own token from the run", () => {
    const script = batchScript({ ...paths(), python: "/usr/bin/env" }, submission());
    run(script.replace(/^exec '\/usr.*$/m, "env"), { SLURM_JWT: "jwt", ZIGGURAT_JOB_TOKEN: "very-secret" });
    const log = readFileSync(join(folder, "runs/zig-1-1", LOG_FILE), "utf8");
    expect(log).toContain("ZIGGURAT_JOB_TOKEN=very-secret");
    expect(log).not.toContain("SLURM_JWT");
  });

  it("of several nodes ends with the code of the node that failed first, not of those that were ended for it", () => {
    // Stands for srun: the second task fails, the first is then ended by a signal, and srun answers with the highest code.
    const srun = `#!/bin/bash
while [[ $1 == --* ]]; do echo "srun $1"; shift; done
(SLURM_NODEID=1 "$@"); (SLURM_NODEID=0 "$@"); exit 143
`;
    writeFileSync(join(folder, "srun"), srun, { mode: 0o755 });
    writeFileSync(
      join(folder, "task"),
      `#!/bin/bash\necho "rank $ZIGGURAT_NODE_RANK of $ZIGGURAT_NODES"\nexit $((ZIGGURAT_NODE_RANK == 1 ? 11 : 143))\n`,
      {
        mode: 0o755,
      },
    );
    const script = batchScript(
      { ...paths(), python: join(folder, "task") },
      submission({ resources: { ...oneNode, nodes: 2, cpusPerNode: 3 } }),
    );
    for (const _ of ["once", "and after a restart in the same folder"])
      expect(run(script, { PATH: `${folder}:/usr/bin:/bin`, SLURMD_NODENAME: "n1" }).status).toBe(11);
    const log = readFileSync(join(folder, "runs/zig-1-1", LOG_FILE), "utf8");
    for (const line of ["rank 1 of 2", "rank 0 of 2", "srun --nodes=2", "srun --ntasks=2", "srun --cpus-per-task=3"])
      expect(log).toContain(line);
  });
});
