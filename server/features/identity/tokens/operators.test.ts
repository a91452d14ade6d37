import { expect, test } from "vitest";
import { noOperators, openOperators, operatorsIn } from "./operators.ts";

test("are found by number and name, as lists of autonomous systems have them", async () => {
  const operators = await operatorsIn([
    "network,autonomous_system_number,autonomous_system_organization",
    '203.0.113.0/24,64500,"Example Net, Inc."',
    "198.51.100.0/24,AS64501,",
    "2001:db8::/32,4200000000,Six",
    "192.0.2.0/25,0,Not routed",
    "192.0.2.128/25,4294967296,Too large",
    "198.18.0.0/15,x,Nobody",
  ]);
  const addresses = [
    "203.0.113.9",
    "198.51.100.1",
    "2001:db8:1::1",
    "192.0.2.1",
    "192.0.2.200",
    "198.18.0.1",
  ];
  expect(addresses.map((address) => operators(address))).toEqual([
    { number: 64500, name: "Example Net, Inc. (AS64500)" },
    { number: 64501, name: "AS64501" },
    { number: 4200000000, name: "Six (AS4200000000)" },
    null,
    null,
    null,
  ]);
});

test("without a file nobody is known; one that is not there is named by its setting", async () => {
  expect(await openOperators(null)).toBe(noOperators);
  expect(noOperators("203.0.113.9")).toBeNull();
  await expect(openOperators("/nowhere/at/all.csv")).rejects.toMatchObject({
    detail: "RINGFENCE_ASN_FILE names no file.",
  });
});
