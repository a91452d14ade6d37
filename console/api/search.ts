import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface Hit {
  readonly kind: string;
  readonly id: string;
  readonly label: string;
  readonly detail?: string | null;
}

/** The first few records of any kind that match; for the palette. */
export function searchEverything(
  organization: string,
  q: string,
  signal: AbortSignal,
): Promise<{ readonly items: readonly Hit[] }> {
  return send("GET", door(organization, "/search"), { query: { q, limit: 8 }, signal });
}
