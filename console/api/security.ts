import { send } from "./send.ts";
import { door } from "./tenant.ts";

/** What an organization asks of whoever comes in. Null means that nothing is asked. */
export interface Rules {
  /** Roles whose members need a second factor; `*` alone means everybody. */
  readonly mfaRoles: readonly string[] | null;
  readonly mfaGraceDays: number;
  readonly networks: readonly string[] | null;
  readonly sessionIdleSeconds: number | null;
  readonly sessionMaxSeconds: number | null;
  readonly sessionBound: "none" | "network" | "address";
  /** Ways to sign in whose sessions are not taken. */
  readonly closedWays: readonly ("link" | "password")[];
  /** Whether a browser on which a member had the second factor remembered stands in for it. */
  readonly rememberedDevices: boolean;
}

export interface Policy extends Rules {
  readonly mfaFrom: string;
  readonly ssoEnforced: boolean;
  readonly version: number;
}

interface Somebody {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Whom a change of the rules would touch, before it is made. */
export interface Preview {
  readonly withoutSecondFactor: {
    readonly count: number;
    readonly people: readonly (Somebody & { readonly outFrom: string })[];
  };
  readonly withoutWay: { readonly count: number; readonly people: readonly Somebody[] };
  readonly outsideNetworks: { readonly count: number; readonly people: readonly Somebody[] };
  readonly keysOutsideNetworks: {
    readonly count: number;
    readonly keys: readonly {
      readonly id: string;
      readonly name: string | null;
      readonly hint: string | null;
    }[];
  };
  readonly endingSessions: { readonly count: number; readonly people: readonly Somebody[] };
  readonly locksYouOut: string | null;
}

/** The organization's rules. */
export function fetchPolicy(organization: string): Promise<Policy> {
  return send("GET", door(organization, "/security"));
}

/** What other rules would do, and to whom; nothing changes. */
export function previewPolicy(organization: string, rules: Partial<Rules>): Promise<Preview> {
  return send("POST", door(organization, "/security/preview"), { body: rules });
}

/** Changes the rules; they hold from everybody's next request on. */
export function changePolicy(organization: string, rules: Partial<Rules>, version: number): Promise<Policy> {
  return send("PATCH", door(organization, "/security"), { body: rules, version });
}
