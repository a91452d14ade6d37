import { describe, expect, test } from "vitest";
import { entered, rulesFrom } from "./entered-rules.ts";

const open = {
  mfaRoles: null,
  mfaGraceDays: 7,
  networks: null,
  sessionIdleSeconds: null,
  sessionMaxSeconds: null,
  sessionBound: "none",
  closedWays: [],
  rememberedDevices: false,
} as const;

describe("the rules in a form", () => {
  test.each([
    open,
    { ...open, mfaRoles: ["*"], mfaGraceDays: 0 },
    { ...open, mfaRoles: ["admin", "owner"], sessionIdleSeconds: 900, sessionMaxSeconds: 86_400 },
    { ...open, networks: ["203.0.113.0/24", "2001:db8::/32"], sessionBound: "address" as const },
    { ...open, closedWays: ["password" as const], rememberedDevices: true },
  ])("come back as they were: %o", (rules) => {
    expect(rulesFrom(entered(rules))).toEqual(rules);
  });

  test("take networks between any white space and commas, and no role ticked as nobody", () => {
    const form = { ...entered(open), mfa: "some" as const, networks: " 10.0.0.0/8,\n\t192.0.2.1 " };
    expect(rulesFrom(form)).toMatchObject({ mfaRoles: null, networks: ["10.0.0.0/8", "192.0.2.1"] });
  });
});
