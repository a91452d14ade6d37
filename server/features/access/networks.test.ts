import { describe, expect, test } from "vitest";
import { Problem } from "../../foundation/problem/index.ts";
import { canonicalNetworks, isWithin, readNetwork } from "./networks.ts";

describe("a network", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7/32"],
    [" 203.0.113.0/24 ", "203.0.113.0/24"],
    ["2001:DB8:0:0:0:0:0:0/48", "2001:db8::/48"],
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1/128"],
    ["::1", "::1/128"],
    ["2001:db8:0:1::/64", "2001:db8:0:1::/64"],
    ["8000::/1", "8000::/1"],
    // IPv4 in the dress of IPv6, in each of its spellings.
    ["::ffff:203.0.113.7", "203.0.113.7/32"],
    ["::FFFF:cb00:7107", "203.0.113.7/32"],
    ["0:0:0:0:0:ffff:203.0.113.0/120", "203.0.113.0/24"],
    ["64:ff9b::203.0.113.7", "64:ff9b::cb00:7107/128"],
  ])("%s is %s", (text, network) => {
    expect(readNetwork(text)).toEqual({ network });
  });

  test.each([
    "",
    "x",
    "203.0.113",
    "203.0.113.256",
    "010.0.0.1",
    "203.0.113.7/33",
    "203.0.113.7/-1",
    "203.0.113.7/08",
    "203.0.113.7/24/24",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "[2001:db8::1]",
    "203.0.113.7:443",
    "2001:db8::/129",
    "2001:db8:::1",
    "::ffff:203.0.113.999",
    "1.2.3.4,5.6.7.8",
    "0x7f.0.0.1",
    "2130706433",
    "127.1",
    "\uff12\uff10\uff13.0.113.7",
    "203.0.113.0/255.255.255.0",
    "2001:db8::1::2",
  ])("%s is none", (text) => {
    expect(readNetwork(text)).toHaveProperty("fault");
  });

  test("with bits beyond its mask is refused, and told what was meant", () => {
    expect(readNetwork("203.0.113.7/24")).toEqual({
      fault: "has bits beyond its mask; did you mean 203.0.113.0/24?",
    });
    expect(readNetwork("2001:db8::1/64")).toEqual({
      fault: "has bits beyond its mask; did you mean 2001:db8::/64?",
    });
    expect(readNetwork("::ffff:203.0.113.7/120")).toEqual({
      fault: "has bits beyond its mask; did you mean 203.0.113.0/24?",
    });
  });

  test("that names everybody is refused", () => {
    for (const text of ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"])
      expect(readNetwork(text)).toEqual({ fault: "names everybody; leave the list empty instead" });
    expect(readNetwork("::ffff:0.0.0.0/90")).toHaveProperty("fault");
  });
});

test("a list loses what stands in it twice, and names each fault by its place", () => {
  expect(
    canonicalNetworks(["2001:DB8::/48", "2001:db8:0::/48", "203.0.113.7", "::ffff:203.0.113.7"]),
  ).toEqual(["2001:db8::/48", "203.0.113.7/32"]);
  try {
    canonicalNetworks(["203.0.113.7", "x", "y"]);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Problem);
    expect((thrown as Problem).errors?.map(({ pointer }) => pointer)).toEqual(["/networks/1", "/networks/2"]);
  }
});

test("an address is within a network of its own family only", () => {
  expect(isWithin("203.0.113.7", ["203.0.113.0/24"])).toBe(true);
  expect(isWithin("203.0.114.7", ["203.0.113.0/24"])).toBe(false);
  expect(isWithin("2001:db8::7", ["2001:db8::/64", "203.0.113.0/24"])).toBe(true);
  expect(isWithin("2001:db8:0:1::7", ["2001:db8::/64"])).toBe(false);
});
