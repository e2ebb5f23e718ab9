import { dirname, resolve } from "node:path";
import type { FactoryProvider } from "@nestjs/common";
import { type ClusterDriver, LocalDriver } from "@ziggurat/clusters";
import { CONFIG, type Config } from "../platform/config.js";

/** Nest token of the {@link ClusterDrivers}. */
export const CLUSTER_DRIVERS = Symbol("CLUSTER_DRIVERS");

/** Every engine by its cluster's name. More join when clusters can be registered. */
export type ClusterDrivers = ReadonlyMap<string, ClusterDriver>;

export const LOCAL_CLUSTER = "local";

/** Seconds a stopping run gets above the grace time of its own runner. */
const KILL_GRACE_SECONDS = 40;

export const clusterDriversProvider: FactoryProvider<ClusterDrivers> = {
  provide: CLUSTER_DRIVERS,
  inject: [CONFIG],
  useFactory: ({ dataDir, local }: Pick<Config, "dataDir" | "local">): ClusterDrivers =>
    new Map([
      [
        LOCAL_CLUSTER,
        new LocalDriver({
          dataDir,
          python: local.python,
          runner: local.runnerDir,
          trainerPath: [local.trainerDir],
          // The set-up that makes `venv/` writes how it stands beside it.
          setUpState: resolve(dirname(local.python), "../../python.json"),
          modules: ["ziggurat_trainer.loop"],
          graceSeconds: KILL_GRACE_SECONDS,
        }),
      ],
    ]),
};

export function driverOf(drivers: ClusterDrivers, cluster: string): ClusterDriver {
  const driver = drivers.get(cluster);
  if (driver === undefined) throw new Error(`No driver for cluster ${cluster}.`);
  return driver;
}
