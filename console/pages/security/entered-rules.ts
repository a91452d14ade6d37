import type { Rules } from "../../api/security.ts";

/** The rules as the form holds them: all of it text, as inputs have it. */
export interface Entered {
  mfa: "nobody" | "some" | "everybody";
  mfaRoles: string[];
  mfaGraceDays: string;
  networks: string;
  sessionIdleSeconds: string;
  sessionMaxSeconds: string;
  sessionBound: Rules["sessionBound"];
  closedWays: Rules["closedWays"][number][];
  rememberedDevices: boolean;
}

/** Rules for the form. */
export function entered(rules: Rules): Entered {
  const everybody = rules.mfaRoles?.includes("*") === true;
  return {
    mfa: rules.mfaRoles === null ? "nobody" : everybody ? "everybody" : "some",
    mfaRoles: everybody ? [] : [...(rules.mfaRoles ?? [])],
    mfaGraceDays: String(rules.mfaGraceDays),
    networks: (rules.networks ?? []).join("\n"),
    sessionIdleSeconds: String(rules.sessionIdleSeconds ?? ""),
    sessionMaxSeconds: String(rules.sessionMaxSeconds ?? ""),
    sessionBound: rules.sessionBound,
    closedWays: [...rules.closedWays],
    rememberedDevices: rules.rememberedDevices,
  };
}

/** What the form says, as the API takes it; no role ticked means nobody, and no network any. */
export function rulesFrom(form: Entered): Rules {
  const networks = form.networks.split(/[\s,]+/u).filter((network) => network !== "");
  return {
    mfaRoles: rolesFrom(form),
    mfaGraceDays: Number(form.mfaGraceDays === "" ? 0 : form.mfaGraceDays),
    networks: networks.length === 0 ? null : networks,
    sessionIdleSeconds: secondsFrom(form.sessionIdleSeconds),
    sessionMaxSeconds: secondsFrom(form.sessionMaxSeconds),
    sessionBound: form.sessionBound,
    closedWays: form.closedWays,
    rememberedDevices: form.rememberedDevices,
  };
}

function rolesFrom({ mfa, mfaRoles }: Entered): Rules["mfaRoles"] {
  if (mfa === "everybody") return ["*"];
  return mfa === "nobody" || mfaRoles.length === 0 ? null : mfaRoles;
}

function secondsFrom(text: string): number | null {
  return text === "" ? null : Number(text);
}
