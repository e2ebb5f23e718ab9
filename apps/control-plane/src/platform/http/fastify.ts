import type { IncomingHttpHeaders } from "node:http";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../config.js";
import { newId } from "../database/ids.js";
import { etagOfText, matches } from "./etag.js";
import { RouteTable } from "./route-table.js";

/** Bytes of a JSON body at most; files go through the blob routes, which stream. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** Fastify with what holds for every answer: request ids, security headers, cookies, body rules, entity tags. */
export async function createAdapter(config: Pick<Config, "http">): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: (request: { readonly headers: IncomingHttpHeaders }) => requestId(request.headers["x-request-id"]),
    trustProxy: config.http.publicUrl === null ? false : "loopback",
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 1024 },
  });
  const server: FastifyInstance = adapter.getInstance();
  await server.register(cookie);
  await server.register(helmet, {
    // What is not the console may load and embed nothing; the console's own policy is set where its page is served.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: config.http.publicUrl?.startsWith("https:") ? { maxAge: 31_536_000 } : false,
  });
  await server.register(fastifyStatic, { root: config.http.consoleDir, serve: false, suppressWarning: true });
  RouteTable.on(server);
  readBodies(server);
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    // curl -T names no media type; an upload without one is bytes.
    if (request.method === "PUT" && request.headers["content-type"] === undefined) {
      request.headers["content-type"] = "application/octet-stream";
    }
  });
  server.addHook("onSend", tagAnswer);
  return adapter;
}

/** A caller's own id where it is safe to log and to answer, else a new one. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : newId("request");
}

/** JSON is parsed, bytes are handed over as the raw stream, anything else is refused with 415. */
function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser("error", "error");
  const types = ["application/json", "application/merge-patch+json", "application/scim+json"];
  server.addContentTypeParser<string>(types, { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parse(request, body, done);
  });
  server.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));
}

/** Strong entity tags on every JSON answer to a read or a change in place, and 304 where the reader has it already. */
async function tagAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const isChange = request.method === "PATCH" || request.method === "PUT";
  if (reply.statusCode !== 200 || typeof payload !== "string" || !(isRead || isChange)) return payload;
  if (!String(reply.getHeader("content-type")).startsWith("application/json")) return payload;
  const etag = etagOfText(payload);
  reply.header("etag", etag);
  if (!reply.hasHeader("cache-control")) reply.header("cache-control", "private, no-cache");
  const known = request.headers["if-none-match"];
  if (!isRead || known === undefined || !matches(known, etag)) return payload;
  reply.status(304).removeHeader("content-length");
  return null;
}
