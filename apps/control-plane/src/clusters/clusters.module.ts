import { Module } from "@nestjs/common";
import { CLUSTER_DRIVERS, clusterDriversProvider } from "./cluster-drivers.js";
import { ClusterWatch } from "./cluster-watch.js";
import { ClustersController } from "./clusters.controller.js";
import { ClustersRepository } from "./clusters.repository.js";

@Module({
  controllers: [ClustersController],
  providers: [clusterDriversProvider, ClustersRepository, ClusterWatch],
  exports: [CLUSTER_DRIVERS, ClustersRepository, ClusterWatch],
})
export class ClustersModule {}
