import { isIP } from "node:net";

/** For whom passkeys are made: a host name, and the one address whose pages may use them. */
export interface RelyingParty {
  readonly host: string;
  readonly origin: string;
}

/**
 * A passkey is bound to a host name, and browsers use it on https and on `localhost` alone. A platform on a loopback address is reached as
 * `localhost` as well.
 * @param url the platform's public address
 * @returns null where there can be no passkey
 */
export function relyingParty(url: string): RelyingParty | null {
  const { hostname, protocol, port } = new URL(url);
  const bare = hostname.replace(/^\[|\]$/g, "");
  if (bare === "localhost" || bare === "::1" || /^127\./.test(bare)) {
    return { host: "localhost", origin: `${protocol}//localhost${port === "" ? "" : `:${port}`}` };
  }
  if (isIP(bare) !== 0 || protocol !== "https:") return null;
  return { host: bare, origin: new URL(url).origin };
}
