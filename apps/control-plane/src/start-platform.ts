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
import { StartRefusal } from "./platform/start-refusal.js";

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
  await listen(app, config);
  const url = urlOf(app, config.http.host);
  app.get(PublicAddress).listensOn(url);
  return { url, app, close: () => app.close() };
}

/** What began to start is closed again when it cannot listen; an address that is taken or not ours is the operator's to change. */
async function listen(app: NestFastifyApplication, { http }: Config): Promise<void> {
  try {
    await app.listen(http.port, http.host);
  } catch (error) {
    await app.close();
    const reason = error instanceof Error && "code" in error ? unusable[String(error.code)] : undefined;
    if (reason === undefined) throw error;
    throw new StartRefusal(
      `Ziggurat cannot listen on ${http.host}, port ${http.port}: ${reason}. Choose another with --port or ZIGGURAT_HOST.`,
    );
  }
}

const unusable: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EACCES: "this user may not",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "this machine has no such address",
};

function urlOf(app: NestFastifyApplication, host: string): string {
  const address: unknown = app.getHttpServer().address();
  if (typeof address !== "object" || address === null || !("port" in address)) throw new Error("The server does not listen on a port.");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
