import type { IncomingHttpHeaders } from "node:http";
import { constants } from "node:zlib";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../config.js";
import { newId } from "../database/ids.js";
import { problemOf } from "../errors/problem.filter.js";
import { Refusal } from "../errors/refusal.js";
import { etagOfText, matches } from "./etag.js";
import { isTooDeep, MOST_JSON_DEPTH } from "./json-depth.js";
import { RouteTable } from "./route-table.js";
import { traceOf, traceresponse } from "./trace-context.js";

/** Bytes of a JSON body at most; files go through the blob routes, which stream. */
const BODY_LIMIT = 8 * 1024 * 1024;
/** Bytes of a body that is read before anybody proved who they are: a name and a password. */
const SIGN_IN_LIMIT = 16 * 1024;
const SIGN_IN = /^\/api\/v1\/auth\//;
const HSTS_SECONDS = 365 * 24 * 3600;
/** What browsers would let a page ask of the machine it is shown on; ours ask for nothing. */
const PERMISSIONS = ["camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** Fastify with what holds for every answer: request ids, security headers, cookies, body rules, entity tags. */
export async function createAdapter(config: Pick<Config, "http">): Promise<FastifyAdapter> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestIdHeader: false,
    genReqId: (request: { readonly headers: IncomingHttpHeaders }) => requestId(request.headers["x-request-id"]),
    // What a caller says about their own address or protocol counts only where a proxy of ours says it.
    trustProxy: config.http.trustedProxies.length === 0 ? false : [...config.http.trustedProxies],
    forceCloseConnections: "idle",
    frameworkErrors: (_: Error, request: FastifyRequest, reply: FastifyReply) => refuseTarget(config, request, reply),
    routerOptions: { maxParamLength: 1024 },
  });
  const server: FastifyInstance = adapter.getInstance();
  await server.register(cookie);
  await server.register(helmet, {
    // What is not the console may load and embed nothing; the console's own policy is set where its page is served.
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    // By the address that the operator named, never by what a request says it came over.
    strictTransportSecurity: config.http.publicUrl?.startsWith("https:") ? { maxAge: HSTS_SECONDS } : false,
  });
  await compressAnswers(server);
  await server.register(fastifyStatic, { root: config.http.consoleDir, serve: false, suppressWarning: true });
  RouteTable.on(server);
  server.addHook("onRoute", (route) => {
    if (SIGN_IN.test(route.url)) route.bodyLimit = SIGN_IN_LIMIT;
  });
  readBodies(server);
  server.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...traceHeaders(request), "permissions-policy": PERMISSIONS });
    // curl -T names no media type; an upload without one is bytes.
    if (request.method === "PUT" && request.headers["content-type"] === undefined) {
      request.headers["content-type"] = "application/octet-stream";
    }
  });
  server.addHook("onSend", tagAnswer);
  return adapter;
}

/** Bytes of an answer below which packing it costs more than it spares. */
const PACKED_FROM = 1024;
const PACKED =
  /^(?:application\/(?:problem\+|manifest\+)?json|application\/(?:javascript|yaml|x-ndjson)|image\/svg\+xml|text\/(?:html|css|javascript|plain|csv|markdown))\b/;
/** Their answers hold secrets, whose letters a length could give away piece by piece (BREACH). */
const WITH_SECRETS = /^\/api\/v1\/(?:auth|me|tokens)(?:\/|$)|\/(?:members|tokens|service-accounts)(?:\/|$)/;

/** Packs texts for whoever takes them so; never files, event streams, nor what holds secrets. Packed requests are not unpacked: a small one could be endless. */
async function compressAnswers(server: FastifyInstance): Promise<void> {
  server.addHook("onRoute", (route) => {
    if (WITH_SECRETS.test(route.url)) route.compress = false;
  });
  await server.register(compress, {
    globalDecompression: false,
    threshold: PACKED_FROM,
    encodings: ["br", "gzip"],
    customTypes: (type) => PACKED.test(type),
    // Brotli's own default is made for what is packed once and kept.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
}

/** By what an answer is found again: in our logs, and in the trace of whoever asked. */
function traceHeaders(request: FastifyRequest): Record<string, string> {
  const trace = traceOf(request);
  return { "x-request-id": request.id, ...(trace === null ? {} : { traceresponse: traceresponse(trace) }) };
}

/** A request target that no route can be looked up for: hooks are not run for it, so all that an answer has is set here. */
function refuseTarget({ http }: Pick<Config, "http">, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(new Refusal("invalid", "The address of the request is not well formed."), request);
  void reply
    .status(problem.status)
    .headers({
      ...traceHeaders(request),
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none';frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "permissions-policy": PERMISSIONS,
      "cache-control": "no-store",
      ...(http.publicUrl?.startsWith("https:") ? { "strict-transport-security": `max-age=${HSTS_SECONDS}; includeSubDomains` } : {}),
    })
    .type("application/problem+json; charset=utf-8")
    .send(problem);
}

/** Request ids are written down in many places: one that holds a token, by whatever mistake, is none. */
const SECRET = /(?:zig|zigrun|hf)_[A-Za-z0-9]/;

/** A caller's own id where it is safe to log and to answer, else a new one. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(given) && !SECRET.test(given) ? given : newId("request");
}

/** Longest form that a provider posts. */
const FORM_LIMIT = 1024 * 1024;

/** JSON is parsed, bytes are handed over as the raw stream, forms are read where providers post them, anything else is refused with 415. */
function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = server.getDefaultJsonParser("error", "error");
  const types = ["application/json", "application/merge-patch+json", "application/scim+json"];
  server.addContentTypeParser<string>(types, { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else if (isTooDeep(body)) done(new Refusal("invalid", `The body nests more than ${MOST_JSON_DEPTH} levels deep.`));
    else parse(request, body, done);
  });
  server.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));
  server.addContentTypeParser<string>(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: FORM_LIMIT },
    (request, body, done) => {
      if (request.url.startsWith("/auth/")) done(null, Object.fromEntries(new URLSearchParams(body)));
      else done(Object.assign(new Error("Unsupported Media Type: application/x-www-form-urlencoded"), { statusCode: 415 }));
    },
  );
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
