import "reflect-metadata";
import { type INestApplicationContext, Logger } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { appModule } from "./app.module.js";
import type { Config } from "./platform/config.js";
import { MetricsService } from "./platform/health/metrics.service.js";
import { createAdapter } from "./platform/http/fastify.js";
import { PublicAddress } from "./platform/http/public-address.js";
import { createLogger, type PinoLogger } from "./platform/logging/pino-logger.js";
import { OpenApi } from "./platform/openapi/openapi.js";
import type { Announce, Runtime } from "./platform/runtime.js";

/** A platform that answers, or in the worker role works. */
export interface StartedPlatform {
  /** Where it listens; null in the worker role. */
  readonly url: string | null;
  readonly app: INestApplicationContext;
  /** Drains: finishes requests and work under way, ends streams, closes pools. The database is the caller's to release. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly announce: Announce;
  readonly logger?: PinoLogger;
}

/**
 * Builds the application on a migrated database and lets it listen.
 * @param databases addresses of the application login and of the queue
 */
export async function startPlatform(
  config: Config,
  databases: { readonly appUrl: string; readonly queueUrl: string },
  { announce, logger = createLogger() }: StartOptions,
): Promise<StartedPlatform> {
  Logger.overrideLogger(logger);
  const runtime: Runtime = { role: config.role, databaseUrl: databases.appUrl, queueUrl: databases.queueUrl };
  const module = appModule(config, runtime, announce);
  if (config.role === "worker") {
    const app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
    return { url: null, app, close: () => app.close() };
  }
  const adapter = await createAdapter(config);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, bodyParser: false, abortOnError: false });
  app.get(OpenApi).describes(app);
  const metrics = app.get(MetricsService);
  adapter.getInstance().addHook("onResponse", async (request, reply) => {
    metrics.observe(request.method, request.routeOptions.url ?? "none", reply.statusCode, reply.elapsedTime / 1000);
  });
  await app.listen(config.http.port, config.http.host);
  const url = urlOf(app, config.http.host);
  app.get(PublicAddress).listensOn(url);
  return { url, app, close: () => app.close() };
}

function urlOf(app: NestFastifyApplication, host: string): string {
  const address: unknown = app.getHttpServer().address();
  if (typeof address !== "object" || address === null || !("port" in address)) throw new Error("The server does not listen on a port.");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
