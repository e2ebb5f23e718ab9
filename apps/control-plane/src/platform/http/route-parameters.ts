import type { Type } from "@nestjs/common";
import { ROUTE_ARGS_METADATA } from "@nestjs/common/constants.js";
import { RouteParamtypes } from "@nestjs/common/enums/route-paramtypes.enum.js";

/** One parameter of a handler that comes from the request, and whether a schema stands on it. */
export interface RouteParameter {
  readonly place: "body" | "query" | "param" | "other";
  readonly hasSchema: boolean;
}

/** What Nest will pass to a handler, read from its decorators. */
export function routeParameters(controller: Type, handlerName: string): readonly RouteParameter[] {
  const metadata: Readonly<Record<string, { readonly schema?: unknown }>> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handlerName) ?? {};
  return Object.entries(metadata).map(([key, { schema }]) => ({
    place: placeOf(Number(key.split(":")[0])),
    hasSchema: schema !== undefined,
  }));
}

function placeOf(type: number): RouteParameter["place"] {
  if (type === RouteParamtypes.BODY) return "body";
  if (type === RouteParamtypes.QUERY) return "query";
  return type === RouteParamtypes.PARAM ? "param" : "other";
}
