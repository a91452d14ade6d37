import type { Element } from "@xmldom/xmldom";
import { attributeOf } from "./element.ts";
import { Refused, type RefusalReason } from "./refused.ts";

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** The moment in an attribute, or null when it is absent; SAML core 1.3.3 wants UTC, and so do we. */
export function instantOf(element: Element, name: string, reason: RefusalReason): Date | null {
  const text = attributeOf(element, name);
  if (text === null) return null;
  const at = utc.test(text) ? new Date(text.replace(/(\.\d{3})\d+Z$/, "$1Z")) : null;
  if (at === null || Number.isNaN(at.getTime())) throw new Refused(reason, `${name} is no moment in UTC`);
  return at;
}

export function requiredInstant(element: Element, name: string): Date {
  const at = instantOf(element, name, "assertion-shape");
  if (at === null) throw new Refused("assertion-shape", `${name} is missing`);
  return at;
}

/** Where and how generously moments are compared. */
export interface Clock {
  readonly now: Date;
  readonly skewSeconds: number;
}

export function demandBegun(at: Date | null, { now, skewSeconds }: Clock, what: string): void {
  if (at !== null && now.getTime() < at.getTime() - skewSeconds * 1000)
    throw new Refused("not-yet-valid", what);
}

export function demandNotOver(at: Date | null, { now, skewSeconds }: Clock, what: string): void {
  if (at !== null && now.getTime() >= at.getTime() + skewSeconds * 1000) throw new Refused("expired", what);
}
