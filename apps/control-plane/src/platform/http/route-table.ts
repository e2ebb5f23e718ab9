import type { FastifyInstance, FastifyRequest } from "fastify";
import { hidden, Refusal } from "../errors/refusal.js";

declare module "fastify" {
  interface FastifyInstance {
    routeTable: RouteTable;
  }
}

interface Route {
  readonly methods: readonly string[];
  readonly path: RegExp;
}

/** Every registered path, so that a request with the wrong method can be told the right ones (RFC 9110: 405 with Allow). */
export class RouteTable {
  private readonly routes: Route[] = [];

  static on(server: FastifyInstance): void {
    const table = new RouteTable();
    server.decorate("routeTable", table);
    server.addHook("onRoute", ({ method, url }) => {
      if (url !== CATCH_ALL) table.routes.push({ methods: [method].flat(), path: patternOf(url) });
    });
  }

  /** The answer to a request that no route takes. */
  refusalFor(request: Pick<FastifyRequest, "url">): Refusal {
    const path = request.url.split("?")[0] ?? request.url;
    const allowed = new Set(this.routes.filter((route) => route.path.test(path)).flatMap(({ methods }) => methods));
    if (allowed.size === 0) return hidden();
    const allow = [...allowed].sort().join(", ");
    return new Refusal("method_not_allowed", `This path takes ${allow}.`, [], { allow });
  }
}

/** The console's route takes every GET that nothing else does. */
const CATCH_ALL = "/*";

/** A router path such as `/a/:id/files/*` as a pattern over request paths. */
function patternOf(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}/?$`);
}
