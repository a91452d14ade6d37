import { describe, expect, test } from "vitest";
import { proves } from "../../tests/proves.ts";
import { addressResolver, canonicalAddress, networksOf, rangeOf } from "./client-address.ts";

describe("one spelling per address", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::FFFF:CB00:7109", "203.0.113.9"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["010.0.0.1", null],
    ["1.2.3", null],
    ["0x7f.1", null],
    ["localhost", null],
    ["", null],
    [" 1.2.3.4", null],
    ["1.2.3.4\u0000", null],
  ])("%j is %j", (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));
});

test("what is no address of IPv4 for its numbers is none, and so on no list (hono GHSA-r354-f388-2fhh)", () => {
  for (const text of [
    "203.0.113.256",
    "1.2.3.999",
    "300.300.300.300",
    "1.2.3.04",
    "1.2.3.4.5",
    "::ffff:1.2.3.256",
  ])
    expect([text, canonicalAddress(text)]).toEqual([text, null]);
  const listed = rangeOf(["203.0.113.0/24", "255.255.255.255"]);
  for (const text of ["203.0.113.256", "203.0.113.999", "255.255.255.256"])
    expect([text, listed(text)]).toEqual([text, false]);
});

test("IPv6 is counted by the /64 and the /48, however it is spelled", () => {
  expect(networksOf("2001:db8:1:2:aaaa::1")).toEqual(["2001:db8:1:2", "2001:db8:1"]);
  expect(networksOf("2001:db8:1:2::")).toEqual(["2001:db8:1:2", "2001:db8:1"]);
  expect(networksOf("2001:db8::1")).toEqual(["2001:db8:0:0", "2001:db8:0"]);
  expect(networksOf("::1")).toEqual(["0:0:0:0", "0:0:0"]);
  expect(networksOf("203.0.113.9")).toEqual(["203.0.113.9"]);
});

describe("whose word is believed", () => {
  proves("LIM-7");
  const trusting = addressResolver(["10.0.0.0/8", "192.0.2.7", "2001:db8:ffff::/48"]);
  const proxy = "10.1.2.3";

  test.each([
    ["nobody, when no proxy is configured", addressResolver([]), proxy, "198.51.100.1", proxy],
    [
      "nobody who connects directly (CVE-2026-3635, CVE-2026-16732)",
      trusting,
      "198.51.100.9",
      "203.0.113.1",
      "198.51.100.9",
    ],
    ["a proxy, about its peer", trusting, proxy, "203.0.113.1", "203.0.113.1"],
    ["a mapped proxy", trusting, "::ffff:10.1.2.3", "203.0.113.1", "203.0.113.1"],
    ["a proxy in IPv6", trusting, "2001:db8:ffff::5", "2001:db8:1::1", "2001:db8:1::1"],
    ["two proxies in a row", trusting, proxy, "203.0.113.1, 192.0.2.7", "203.0.113.1"],
    [
      "nothing left of the first stranger (better-auth #10203)",
      trusting,
      proxy,
      "1.1.1.1, 10.0.0.1, 203.0.113.1",
      "203.0.113.1",
    ],
    ["not a client that names a proxy of ours", trusting, proxy, "10.9.9.9, 203.0.113.1", "203.0.113.1"],
    ["one address only, when all are proxies", trusting, proxy, "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["not garbage: the proxy itself is counted then", trusting, proxy, "203.0.113.1, unknown", proxy],
    ["not an empty list", trusting, proxy, "", proxy],
    ["not a list that ends in a comma", trusting, proxy, "203.0.113.1,", proxy],
    ["with a port", trusting, proxy, "203.0.113.1:5555", "203.0.113.1"],
    ["with brackets", trusting, proxy, "[2001:db8:1::1]:443", "2001:db8:1::1"],
    ["without spaces", trusting, proxy, "1.1.1.1,203.0.113.1", "203.0.113.1"],
    ["mapped, in one spelling", trusting, proxy, "::ffff:203.0.113.1", "203.0.113.1"],
    ["within bounds", trusting, proxy, `203.0.113.1${", 10.0.0.1".repeat(5000)}`, "10.0.0.1"],
  ])("%s", (_name, addressOf, peer, forwarded, client) => {
    expect(addressOf(peer, forwarded)).toBe(client);
  });
});
