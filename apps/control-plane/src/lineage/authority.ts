import type { Config } from "../platform/config.js";

/**
 * Host that the platform's names belong to in exports and in what programs outside say about it. Taken from the public address and
 * never from the port listened on: who moves a data directory to another machine does not rename its models.
 */
export function authorityOf({ http }: Pick<Config, "http">): string {
  return http.publicUrl === null ? "localhost" : new URL(http.publicUrl).host;
}
