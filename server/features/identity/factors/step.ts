import { sha256 } from "../../../foundation/ids/index.ts";
import type { Asked } from "../../../http/index.ts";
import { stepCookie } from "../first-factor.ts";
import { nothingWaits } from "./factor-ground.ts";

/** Why the doors of the second step are open. */
export const openBecause =
  "whoever has passed the first factor has no session yet; the cookie of the first step is the credential";

/** By which the database knows the sign-in that waits in this browser; throws `not-signed-in` where none does. */
export function stepHashOf(request: Pick<Asked, "cookie">): Buffer {
  const token = request.cookie(stepCookie);
  if (token === null || token === "") throw nothingWaits();
  return sha256(token);
}
