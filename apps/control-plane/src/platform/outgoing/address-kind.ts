import ipaddr from "ipaddr.js";

/**
 * `public`: anybody may be sent there. `inward`: only our own network, or this very machine, answers there. `never`: no server of anybody's
 * answers there that a request should reach, such as the metadata service of a cloud (169.254.169.254), multicast, or nobody's address.
 */
export type AddressKind = "public" | "inward" | "never";

/** What an address is, by the ranges that IANA lists; one that carries an IPv4 address in it is judged by that. */
export function kindOfAddress(address: string): AddressKind {
  if (!ipaddr.isValid(address)) return "never";
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return kindOfRange(parsed.range());
  if (METADATA.has(parsed.toString())) return "never";
  const carried = carriedIn(parsed);
  return carried === null ? kindOfRange(parsed.range()) : kindOfRange(carried.range());
}

/** Metadata services that answer inside of ranges which are private otherwise. */
const METADATA = new Set(["fd00:ec2::254", "fd20:ce::254"]);

const INWARD = new Set(["loopback", "private", "uniqueLocal", "carrierGradeNat"]);

function kindOfRange(range: string): AddressKind {
  if (range === "unicast") return "public";
  return INWARD.has(range) ? "inward" : "never";
}

/** The IPv4 address that a mapped, compatible, translated (NAT64) or tunnelled (6to4) address leads to. */
function carriedIn(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  const bytes = address.toByteArray();
  const at = (from: number): ipaddr.IPv4 => new ipaddr.IPv4(bytes.slice(from, from + 4));
  if (address.isIPv4MappedAddress() || address.range() === "rfc6052" || address.range() === "rfc6145") return at(12);
  if (address.range() === "6to4") return at(2);
  const isCompatible = bytes.slice(0, 12).every((byte) => byte === 0) && address.range() === "unicast";
  return isCompatible ? at(12) : null;
}
