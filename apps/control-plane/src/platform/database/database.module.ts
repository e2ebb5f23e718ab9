import { Global, Module } from "@nestjs/common";
import { getDataSourceToken, TypeOrmModule } from "@nestjs/typeorm";
import { DataSource } from "typeorm";
import { CONFIG, type Config } from "../config.js";
import { loadPlatformKeys, PlatformKeys } from "../keys/platform-keys.js";
import { Vault } from "../keys/vault.js";
import { RUNTIME, type Runtime } from "../runtime.js";
import { UnitOfWork } from "./unit-of-work.js";

/** The application's pool and what is read from the database before anything else. Migrations run earlier, as the owner. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [RUNTIME],
      useFactory: (runtime: Runtime) => ({
        type: "postgres" as const,
        url: runtime.databaseUrl,
        applicationName: "ziggurat",
        poolSize: 10,
        synchronize: false,
        entities: [],
        retryAttempts: 1,
        extra: { pipeline: true },
      }),
    }),
  ],
  providers: [
    UnitOfWork,
    {
      provide: PlatformKeys,
      inject: [getDataSourceToken(), CONFIG],
      useFactory: (dataSource: DataSource, config: Config) =>
        loadPlatformKeys(dataSource, new Vault(config.secretKey, config.previousSecretKeys), config.signingKeyFile),
    },
  ],
  exports: [TypeOrmModule, UnitOfWork, PlatformKeys],
})
export class DatabaseModule {}
