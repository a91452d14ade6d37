import { BlockList, isIPv6 } from "node:net";

/** Says which addresses may be called. */
export interface AddressGuard {
  /** Null when it may; else why not, in words for the log. */
  refusalOf(address: string): string | null;
  /** Whether plain HTTP may go there: to this machine, and only where the operator allowed it. */
  mayGoPlainly(address: string): boolean;
}

/**
 * What no request of ours goes to: this machine, private and shared networks, link-local addresses (cloud metadata), multicast,
 * documentation and benchmarking nets, and the ways in which IPv6 writes IPv4 addresses (RFC 6890 and its registries).
 */
const closedV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** Of IPv6 only global unicast is open, without what is set apart in it: Teredo, ORCHID, documentation, 6to4. */
const openV6 = ["2000::/3"];
const closedV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** A guard that lets to the public internet, and to the networks that the operator names. */
export function addressGuard(allowed: readonly string[]): AddressGuard {
  const [open, closed, named] = [listOf(openV6), listOf([...closedV4, ...closedV6]), listOf(allowed)];
  const isNamed = (address: string): boolean => holds(named, address);
  return {
    refusalOf(address) {
      if (isNamed(address)) return null;
      if (isIPv6(address) && !holds(open, address)) return "not a public address";
      return holds(closed, address) ? "not a public address" : null;
    },
    mayGoPlainly: (address) => isNamed(address) && holds(loopback, address),
  };
}

const loopback = listOf(["127.0.0.0/8", "::1/128"]);

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
