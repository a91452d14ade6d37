import { send } from "./send.ts";
import { door } from "./tenant.ts";

/** When the ground was last proven to be as declared. */
export interface Protection {
  readonly provenAt: string;
}

/** What the shield shows of the installation. */
export function fetchProtection(organization: string): Promise<Protection> {
  return send("GET", door(organization, "/protection"));
}
