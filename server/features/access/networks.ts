import { BlockList, isIP, isIPv4, SocketAddress } from "node:net";
import { Type } from "@sinclair/typebox";
import { Problem } from "../../foundation/problem/index.ts";

/** A list of networks as people type it; null or left out means that any address will do. */
export const networksField = Type.Union([
  Type.Array(Type.String({ minLength: 2, maxLength: 64 }), { minItems: 1, maxItems: 500, uniqueItems: true }),
  Type.Null(),
]);

/**
 * Networks in the one spelling that the database compares by, or Problem("not-valid") that points at each that has none.
 *
 * Comparing spellings is what CVE-2026-47674 lived on: `2001:DB8:0::1` and `2001:db8::1` are one address. What is
 * ambiguous is refused rather than read: zones (`fe80::1%eth0`), leading zeros (`010.0.0.1`), bits beyond the mask.
 */
export function canonicalNetworks(given: readonly string[], pointer = "/networks"): string[] {
  const read = given.map((text) => readNetwork(text));
  const errors = read.flatMap((one, at) =>
    "fault" in one ? [{ pointer: `${pointer}/${at}`, detail: one.fault }] : [],
  );
  if (errors.length > 0) throw new Problem("not-valid", { errors });
  return [...new Set(read.flatMap((one) => ("network" in one ? [one.network] : [])))];
}

type Read = { readonly network: string } | { readonly fault: string };

const notOne = {
  fault: "must be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24 or 2001:db8::/48",
};

/** One network: an address stands for itself alone, and IPv4 dressed as IPv6 becomes IPv4. */
export function readNetwork(text: string): Read {
  const [, address = "", written] = /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text.trim()) ?? [];
  const family = isIP(address);
  if (family === 0) return notOne;
  const bits = written === undefined ? widthOf(family) : Number(written);
  if (bits > widthOf(family)) return { fault: `must have a mask of at most /${widthOf(family)}` };
  const plain = family === 4 ? { address, bits } : unmapped(canonicalV6(address), bits);
  if (plain === null) return { fault: "must be written as IPv4" };
  if (plain.bits === 0) return { fault: "names everybody; leave the list empty instead" };
  const first = firstOf(plain.address, plain.bits);
  const network = `${first}/${plain.bits}`;
  return first === plain.address
    ? { network }
    : { fault: `has bits beyond its mask; did you mean ${network}?` };
}

/** Whether a canonical address is within one of these networks. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [start = "", bits] = network.split("/");
    list.addSubnet(start, Number(bits), isIPv4(start) ? "ipv4" : "ipv6");
  }
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

function widthOf(family: number): number {
  return family === 4 ? 32 : 128;
}

function canonicalV6(address: string): string {
  return new SocketAddress({ address, family: "ipv6" }).address;
}

/** `::ffff:203.0.113.7` is the IPv4 address; null for a network that would hold more than IPv4. */
function unmapped(address: string, bits: number): { readonly address: string; readonly bits: number } | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped === undefined) return { address, bits };
  return bits < 96 ? null : { address: mapped, bits: bits - 96 };
}

/** The first address of the network, in its canonical spelling. */
function firstOf(address: string, bits: number): string {
  const isV4 = isIPv4(address);
  const width = BigInt(isV4 ? 32 : 128);
  const mask = ((1n << BigInt(bits)) - 1n) << (width - BigInt(bits));
  const value = numberOf(address, isV4) & mask;
  if (isV4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 65_535n).toString(16),
  );
  return canonicalV6(groups.join(":"));
}

function numberOf(address: string, isV4: boolean): bigint {
  if (isV4) return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  return groupsOf(address).reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The eight groups of an address that is written without a dot. */
function groupsOf(address: string): string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
  const text =
    dotted === null
      ? address
      : `${dotted[1] ?? ""}${hex(dotted[2] ?? "0", dotted[3] ?? "0")}:${hex(dotted[4] ?? "0", dotted[5] ?? "0")}`;
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left;
  const right = tail === "" ? [] : tail.split(":");
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
}
