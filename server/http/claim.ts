import { Problem } from "../foundation/problem/index.ts";
import { asError, type Door } from "./door.ts";
import type { IsClaimed } from "./floor.ts";
import type { Route } from "./route.ts";

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
    void openIf(claimed, door, request, reply, done);
  };
}

async function openIf(
  claimed: Promise<boolean>,
  door: Door,
  ...[request, reply, done]: Parameters<Door>
): Promise<void> {
  let refusal: Error | null = null;
  try {
    if (!(await claimed)) refusal = new Problem("not-claimed");
  } catch (thrown) {
    refusal = asError(thrown);
  }
  if (refusal === null) door(request, reply, done);
  else done(refusal);
}
