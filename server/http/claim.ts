import { Problem } from "../foundation/problem/index.ts";
import { asError, type Door } from "./door.ts";
import type { Route } from "./route.ts";

/** Whether the installation has an owner: `true` at once when that is known, since it never changes back. */
export type IsClaimed = () => true | Promise<boolean>;

/** All that an installation without an owner answers to, beside the console's own files, health and problem pages. */
const servedBefore = new Set(["/auth/setup", "/auth/csrf"]);

/**
 * Keeps every door shut until the one-time setup link was used, before credentials, limits of callers or bodies are
 * looked at: an installation that belongs to nobody has nothing to offer, and its first visitor is not its owner.
 */
export function onceClaimed(route: Route, isClaimed: IsClaimed, door: Door): Door {
  if (route.kind === "open" && servedBefore.has(route.path)) return door;
  return (request, reply, done) => {
    const claimed = isClaimed();
    if (claimed === true) {
      door(request, reply, done);
      return;
    }
    claimed.then(
      (yes) => (yes ? door(request, reply, done) : done(new Problem("not-claimed"))),
      (error: unknown) => done(asError(error)),
    );
  };
}
