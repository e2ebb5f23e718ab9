import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { kindOfAddress } from "./address-kind.js";

/**
 * How far a request may reach. `outside`: others named the address, so only the open net, and networks that the operator opened. `listed`:
 * the operator named it, so our own network too; but even then nowhere that no server should be, such as a metadata service.
 */
export type Reach = "outside" | "listed";

/** A request that would have gone where it must not. Its words name the host and no address behind it. */
export class OutgoingRefused extends Error {}

type Resolve = (host: string) => Promise<readonly LookupAddress[]>;
const byDns: Resolve = (host) => systemLookup(host, { all: true, verbatim: true });

/** Decides which addresses our own requests may connect to. */
export class Walls {
  private readonly open: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];

  /** @param openNetworks in CIDR form @param resolve how names are looked up, once for each connection */
  constructor(
    openNetworks: readonly string[],
    private readonly resolve: Resolve = byDns,
  ) {
    this.open = openNetworks.map((network) => ipaddr.parseCIDR(network));
  }

  allows(address: string, reach: Reach): boolean {
    const kind = kindOfAddress(address);
    if (kind === "public" || (kind === "inward" && reach === "listed")) return true;
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return this.open.some(([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits));
  }

  /** Refuses a host that is written as an address and must not be reached; names are judged when they are looked up. */
  checkHost(host: string, reach: Reach): void {
    const bare = host.replace(/^\[|\]$/g, "");
    if (isIP(bare) !== 0 && !this.allows(bare, reach)) throw refused(host);
  }

  /**
   * Looks a name up for one connection and hands on the very addresses that were judged: a name that means another address a moment later
   * (DNS rebinding) changes nothing. A single address that must not be reached refuses the name.
   */
  lookup(reach: Reach): LookupFunction {
    return (host, options, callback) => {
      this.resolve(host).then(
        (addresses) => {
          if (addresses.length === 0 || addresses.some(({ address }) => !this.allows(address, reach))) {
            callback(refused(host), "", 0);
            return;
          }
          answer(addresses, options, callback);
        },
        (error: NodeJS.ErrnoException) => callback(error, "", 0),
      );
    };
  }
}

export function refused(host: string): OutgoingRefused {
  return new OutgoingRefused(`${host} is an address inside our own network, or one that no request may go to`);
}

function answer(addresses: readonly LookupAddress[], options: LookupOptions, callback: Parameters<LookupFunction>[2]): void {
  const family = options.family === 4 || options.family === 6 ? options.family : 0;
  const fitting = addresses.filter((one) => family === 0 || one.family === family);
  const [first] = fitting;
  if (first === undefined) callback(Object.assign(new Error("no address of that family"), { code: "ENOTFOUND" }), "", 0);
  else if (options.all === true) callback(null, [...fitting]);
  else callback(null, first.address, first.family);
}
