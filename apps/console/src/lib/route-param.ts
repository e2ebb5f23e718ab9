import { useParams } from "@tanstack/react-router";
import { versionRef } from "@ziggurat/contracts";

/** A named part of the path; empty when the route has none, which then names nothing that exists. */
export function useRouteParam(name: string): string {
  const params: Readonly<Record<string, unknown>> = useParams({ strict: false });
  const value = params[name];
  return typeof value === "string" ? value : "";
}

/** `ns/slug` of the path. */
export function useRefParam(): string {
  return `${useRouteParam("ns")}/${useRouteParam("slug")}`;
}

/** `ns/slug@n` of the path. A number that is none becomes 0, which no version has. */
export function useVersionParam(): string {
  const number = Number(useRouteParam("n"));
  return versionRef(useRouteParam("ns"), useRouteParam("slug"), Number.isInteger(number) && number > 0 ? number : 0);
}
