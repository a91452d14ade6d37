import { BlockList, isIP, SocketAddress } from "node:net";

const hopsMax = 20;

/** Finds out where a request came from. */
export type AddressOf = (peer: string, forwardedFor: string | undefined) => string;

/**
 * Makes a resolver that believes `X-Forwarded-For` only as far as configured proxies wrote it.
 *
 * It walks the list from the right, since each proxy appends the peer that it saw, and stops at the first address
 * that is no trusted proxy: whatever stands left of it was written by the client. Hops are never counted, which is
 * what the spoofs of CVE-2026-3635 and CVE-2026-16732 lived on, and `Forwarded`, `X-Real-IP` and the like are not read.
 */
export function addressResolver(trustedProxies: readonly string[]): AddressOf {
  if (trustedProxies.length === 0) return (peer) => canonicalAddress(peer) ?? "0.0.0.0";
  const isTrusted = rangeOf(trustedProxies);
  return (peer, forwardedFor) => {
    let client = canonicalAddress(peer) ?? "0.0.0.0";
    if (forwardedFor === undefined) return client;
    const claims = forwardedFor.split(",");
    for (let hop = 1; hop <= Math.min(hopsMax, claims.length) && isTrusted(client); hop += 1) {
      const claimed = canonicalAddress(withoutPort(claims.at(-hop) ?? ""));
      if (claimed === null) return client;
      client = claimed;
    }
    return client;
  };
}

/** One spelling per address: mapped IPv4 becomes IPv4, zones are dropped, IPv6 is compressed; null for anything else. */
export function canonicalAddress(text: string): string | null {
  const bare = text.includes("%") ? text.slice(0, text.indexOf("%")) : text;
  const family = isIP(bare);
  if (family === 0) return null;
  if (family === 4) return bare;
  const canonical = new SocketAddress({ address: bare, family: "ipv6" }).address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical);
  return mapped?.[1] ?? canonical;
}

/** The network that one customer of a provider holds: the address itself in IPv4; the /64 and the /48 in IPv6. */
export function networksOf(address: string): readonly [string] | readonly [string, string] {
  if (!address.includes(":")) return [address];
  const groups = groupsOf(address);
  return [groups.slice(0, 4).join(":"), groups.slice(0, 3).join(":")];
}

function groupsOf(address: string): string[] {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  return [
    ...left,
    ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0"),
    ...right,
  ];
}

function withoutPort(claim: string): string {
  const text = claim.trim();
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text);
  if (bracketed !== null) return bracketed[1] ?? "";
  return /^\d+\.\d+\.\d+\.\d+:\d{1,5}$/.test(text) ? text.slice(0, text.indexOf(":")) : text;
}

/** A test of whether a canonical address is one of these, or within one of these ranges. */
export function rangeOf(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return (address) => list.check(address, address.includes(":") ? "ipv6" : "ipv4");
}
