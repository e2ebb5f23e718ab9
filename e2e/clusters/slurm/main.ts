import { parseArgs } from "node:util";
import { whyNoSlurm } from "./packages.js";
import { attachSlurm, startSlurm } from "./slurm-fixture.js";

/** `npm run clusters:slurm -- up`: a throwaway Slurm for engineers, until `down`. */
const USAGE = `npm run clusters:slurm -- up [--folder DIR] [--nodes N] [--gpus N]   start it, or start again what died
                          down                                       end it and remove its folder
                          env                                        lines for the shell: eval "$(npm run -s clusters:slurm -- env)"
                          kill-node NAME                             a node dies with everything on it
                          kill-slurmd NAME                           only its daemon dies
                          kill-controller                            slurmctld dies
                          wipe                                       slurmctld forgets every job`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: "string", default: "/tmp/ziggurat-slurm" },
    nodes: { type: "string", default: "3" },
    gpus: { type: "string", default: "4" },
  },
});
const say = (line: string) => console.error(line);
const [verb = "", name = ""] = positionals;

switch (verb) {
  case "up": {
    const reason = await whyNoSlurm(say);
    if (reason !== null) {
      say(`No Slurm here: ${reason}.`);
      process.exitCode = 1;
      break;
    }
    const slurm = await startSlurm({ folder: values.folder, nodes: Number(values.nodes), gpusPerNode: Number(values.gpus) });
    say(`Slurm is up in ${slurm.folder}: ${slurm.nodes.join(", ")}. Next: eval "$(npm run -s clusters:slurm -- env)"; sinfo`);
    break;
  }
  case "env": {
    const slurm = attachSlurm(values.folder);
    // Slurm's own prefix would go along with every job, and SLURM_JWT would have every command speak JWT instead of munge.
    console.log(
      `export SLURM_CONF=${slurm.confFile} ZIG_SLURM_URL=${slurm.url} ZIG_SLURM_USER=${slurm.user} ZIG_SLURM_TOKEN=${await slurm.token()}`,
    );
    break;
  }
  case "down":
    await attachSlurm(values.folder).stop();
    break;
  case "kill-node":
    attachSlurm(values.folder).killNode(name);
    break;
  case "kill-slurmd":
    attachSlurm(values.folder).killNodeDaemon(name);
    break;
  case "kill-controller":
    attachSlurm(values.folder).killController();
    break;
  case "wipe":
    await attachSlurm(values.folder).wipe();
    break;
  default:
    say(USAGE);
    process.exitCode = 2;
}
