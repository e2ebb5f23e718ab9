import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { confFileOf, deviceOf, gresConf, makeLayout, readLayout, type SlurmLayout, type SlurmWishes, slurmConf } from "./layout.js";
import { killTrees, MARK, marked, programOf, signal } from "./processes.js";

const run = promisify(execFile);
const PREFIX = "zig-slurm-";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * A real Slurm of several virtual nodes on this machine, for tests: slurmctld, a slurmd a node, slurmrestd and munge, with folder, key
 * and ports of its own, on loopback. It knows nothing but its folder, so whoever has that can hold it by {@link attachSlurm}.
 */
export class SlurmFixture {
  /** User that jobs run as. */
  readonly user = "root";

  constructor(private readonly layout: SlurmLayout) {}

  get folder(): string {
    return this.layout.folder;
  }

  /** Address of slurmrestd. */
  get url(): string {
    return `http://127.0.0.1:${this.layout.restPort}`;
  }

  /** `slurm.conf`, as the commands take it. */
  get confFile(): string {
    return confFileOf(this.layout);
  }

  get nodes(): readonly string[] {
    return this.layout.nodes.map(({ name }) => name);
  }

  /** A JWT for slurmrestd. */
  async token(lifespanSeconds = 86_400): Promise<string> {
    const text = await this.command("scontrol", "token", `username=${this.user}`, `lifespan=${lifespanSeconds}`);
    return text.trim().replace("SLURM_JWT=", "");
  }

  /** Runs one of Slurm's commands and gives what it printed. */
  async command(name: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(name, args, { env: { PATH, SLURM_CONF: this.confFile, TZ: "UTC" }, timeout: 30_000 });
    return stdout;
  }

  /** A node dies: its daemon and everything that runs on it, at once and without a word. */
  killNode(name: string): void {
    killTrees(marked(this.mark(name)));
  }

  /** Only the daemon of a node dies; what runs there goes on. */
  killNodeDaemon(name: string): void {
    for (const pid of marked(this.mark(name))) if (programOf(pid) === "slurmd") signal(pid, "SIGKILL");
  }

  /** Starts the daemon of a node, and nothing else that died. */
  startNode(name: string): void {
    mkdirSync(join(this.folder, "spool", name), { recursive: true });
    this.start(name, "slurmd", ["-D", "-N", name, "-f", this.confFile]);
  }

  killController(): void {
    killTrees(marked(this.mark("slurmctld")));
  }

  /** The controller forgets everything, as after the loss of its state directory: jobs are unknown and ids begin anew. */
  async wipe(): Promise<void> {
    for (const name of [...this.nodes, "slurmctld"]) killTrees(marked(this.mark(name)));
    for (const name of ["state", "spool"]) rmSync(join(this.folder, name), { recursive: true, force: true });
    await this.revive();
  }

  /** Starts whatever of the cluster does not run and waits until all of it answers and takes work. */
  async revive(): Promise<void> {
    for (const name of ["state", "spool", "log", "run"]) mkdirSync(join(this.folder, name), { recursive: true });
    const socket = join(this.folder, "munge", "socket");
    if (this.isDown("munged")) {
      rmSync(socket, { force: true });
      const files = ["key", "pid", "log", "seed"].map((name) => `--${name}-file=${join(this.folder, "munge", name)}`);
      this.start("munged", "munged", ["--foreground", "--force", `--socket=${socket}`, "--num-threads=2", ...files]);
      await this.until("munged", () => run("munge", ["-n", "-S", socket], { env: { PATH } }));
    }
    if (this.isDown("slurmctld")) this.start("slurmctld", "slurmctld", ["-D", "-f", this.confFile]);
    for (const name of this.nodes) {
      if (this.isDown(name)) this.startNode(name);
    }
    await this.until("slurmctld", async () => {
      if (!(await this.command("scontrol", "ping")).includes("is UP")) throw new Error("slurmctld is down");
    });
    // It refuses to be root. The variable makes it speak JWT to the controller, since it may not read the munge key.
    if (this.isDown("slurmrestd"))
      this.start(
        "slurmrestd",
        "slurmrestd",
        ["-f", this.confFile, "-a", "rest_auth/jwt", "-s", "openapi/v0.0.38", "-u", "nobody", this.restHost],
        {
          SLURM_JWT: "daemon",
        },
      );
    await this.until("slurmrestd", () => fetch(this.url));
    await this.until("the nodes", () => this.resumeNodes());
  }

  /** Ends every process of the cluster and removes its folder. */
  async stop(): Promise<void> {
    await this.until("the end", async () => {
      const left = marked(`${this.folder}/`);
      killTrees(left);
      if (left.length > 0) throw new Error(`${left.length} processes are left`);
    });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private get restHost(): string {
    return `127.0.0.1:${this.layout.restPort}`;
  }

  private mark(role: string): string {
    return `${this.folder}/${role}`;
  }

  private isDown(role: string): boolean {
    return marked(this.mark(role)).length === 0;
  }

  /** @throws Error while a node does not answer; one that was given up is taken back */
  private async resumeNodes(): Promise<void> {
    const states = new Map(
      (await this.command("sinfo", "-h", "-N", "-o", "%N %T"))
        .trim()
        .split("\n")
        .map((line) => line.split(" ", 2) as [string, string]),
    );
    const bad = this.nodes.filter((name) => !/^(idle|mixed|allocated|completing|planned)$/.test(states.get(name) ?? "unknown"));
    for (const name of bad)
      if (/down|drain/.test(states.get(name) ?? "")) await this.command("scontrol", "update", `nodename=${name}`, "state=resume");
    if (bad.length > 0) throw new Error(bad.map((name) => `${name} is ${states.get(name)}`).join(", "));
  }

  private start(role: string, program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const output = openSync(join(this.folder, "log", `${role}.out`), "a");
    const child = spawn(program, args, {
      cwd: this.folder,
      detached: true,
      stdio: ["ignore", output, output],
      env: { PATH, SLURM_CONF: this.confFile, [MARK]: this.mark(role), ...env },
    });
    closeSync(output);
    child.on("error", () => undefined);
    child.unref();
  }

  private async until(what: string, holds: () => Promise<unknown>): Promise<void> {
    const end = performance.now() + 60_000;
    for (;;) {
      try {
        await holds();
        return;
      } catch (error) {
        if (performance.now() > end)
          throw new Error(`${what} did not come about within a minute, see ${this.folder}/log`, { cause: error });
      }
      await pause(100);
    }
  }
}

/** Starts a cluster, or what is missing of the one in that folder. Call {@link SlurmFixture.stop} when done with it. */
export async function startSlurm(wishes: SlurmWishes = {}): Promise<SlurmFixture> {
  const folder = wishes.folder ?? mkdtempSync(join(tmpdir(), PREFIX));
  mkdirSync(folder, { recursive: true });
  // slurmrestd is nobody and must read slurm.conf.
  chmodSync(folder, 0o755);
  const layout = existsSync(join(folder, "layout.json"))
    ? readLayout(folder)
    : await makeLayout(folder, wishes.folder === undefined ? process.pid : null, wishes);
  for (const name of ["etc", "munge"]) mkdirSync(join(folder, name), { recursive: true });
  for (const [path, bytes] of [
    ["munge/key", 1024],
    ["etc/jwt.key", 32],
  ] as const)
    if (!existsSync(join(folder, path))) writeFileSync(join(folder, path), randomBytes(bytes), { mode: 0o600 });
  writeFileSync(confFileOf(layout), slurmConf(layout));
  writeFileSync(join(folder, "etc", "gres.conf"), gresConf(layout));
  for (const { name } of layout.nodes) for (let gpu = 0; gpu < layout.gpusPerNode; gpu += 1) await makeDevice(deviceOf(layout, name, gpu));
  const fixture = new SlurmFixture(layout);
  await fixture.revive();
  return fixture;
}

/** The cluster that lives in a folder. */
export const attachSlurm = (folder: string): SlurmFixture => new SlurmFixture(readLayout(folder));

/** Ends clusters whose owners died before they could. */
export async function sweepSlurm(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    if (!existsSync(join(folder, "layout.json"))) continue;
    const { owner } = readLayout(folder);
    if (owner !== null && !existsSync(`/proc/${owner}`)) await attachSlurm(folder).stop();
  }
}

/** Slurm takes only device files for GPUs, so each is a null device of its own. */
async function makeDevice(path: string): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(join(path, ".."), { recursive: true });
  await run("mknod", [path, "c", "1", "3"]);
}
