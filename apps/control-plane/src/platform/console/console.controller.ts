import { randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import { Controller, Get, Inject, Query, Req, Res } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { CONFIG, type Config } from "../config.js";
import { Public } from "../http/access.js";
import { contentSecurityPolicy, notBuiltPage } from "./console-page.js";

/** Paths that belong to machines: an unknown one is an error there, never the console. */
const MACHINES = /^\/(api|auth|v1|hf|scim|docs|\.well-known|healthz|readyz|metrics|health|version|openapi\.(json|yaml))(\/|$)/;
/** The console reads its own deep links; any query is its own affair. */
const AnyQuery = z.record(z.string(), z.unknown());

/** Serves the built console: its files, and its one page for every path that is a screen. */
@Public({ isLimited: false })
@ApiExcludeController()
@Controller()
export class ConsoleController {
  private readonly directory: string;

  constructor(@Inject(CONFIG) config: Pick<Config, "http">) {
    this.directory = config.http.consoleDir;
  }

  @Get("*")
  async serve(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query({ schema: AnyQuery }) _query: z.infer<typeof AnyQuery>,
  ): Promise<void> {
    const path = decodedPath(request.url);
    if (path === null || MACHINES.test(path)) throw request.server.routeTable.refusalFor(request);
    const file = await this.fileAt(path);
    if (file !== null) {
      const isHashed = path.startsWith("/assets/");
      void reply.header("cross-origin-resource-policy", "same-origin");
      await reply.sendFile(file, this.directory, isHashed ? { maxAge: "365d", immutable: true } : { maxAge: 0 });
      return;
    }
    if (/\.[a-z0-9]{1,8}$/i.test(path)) throw request.server.routeTable.refusalFor(request);
    await this.sendPage(reply);
  }

  /** Path of an existing file below the console's folder, else null. */
  private async fileAt(path: string): Promise<string | null> {
    const relative = normalize(path).replace(/^[/\\]+/, "");
    if (relative === "" || relative === "index.html" || relative.split(sep).includes("..")) return null;
    const found = await stat(join(this.directory, relative)).catch(() => null);
    return found?.isFile() ? relative : null;
  }

  private async sendPage(reply: FastifyReply): Promise<void> {
    const nonce = randomBytes(18).toString("base64");
    const page = await readFile(join(this.directory, "index.html"), "utf8").catch(() => null);
    await reply
      .status(page === null ? 503 : 200)
      .headers({ "content-security-policy": contentSecurityPolicy(nonce), "cache-control": "no-store" })
      .type("text/html; charset=utf-8")
      .send(page?.replaceAll("__CSP_NONCE__", nonce) ?? notBuiltPage);
  }
}

function decodedPath(url: string): string | null {
  try {
    return decodeURIComponent(url.split("?")[0] ?? url);
  } catch {
    return null;
  }
}
