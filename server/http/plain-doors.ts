import { csrfRoute } from "./csrf-route.ts";

/** A door beside the declared routes, and why it asks for nobody. A path ends in `*` where all below it is meant. */
export interface PlainDoor {
  readonly kind: "open";
  readonly method: "GET";
  readonly path: string;
  readonly openBecause: string;
}

const page = "the console's page, the same for everybody; what it shows comes from guarded doors";
const { openBecause: tokenBecause } = csrfRoute;

/** All that the server serves beside the routes of the rooms; a test holds this list against what is served. */
export const plainDoors: readonly PlainDoor[] = (
  [
    ["/auth/csrf", tokenBecause],
    [
      "/livez",
      "whoever restarts the process has no account; it says that the process answers, and nothing else",
    ],
    ["/readyz", "load balancers have no account; it names what does not answer, and not why"],
    ["/openapi.json", "the declarations are public, as the source is"],
    ["/problems*", "the pages that explain problems, the same for everybody"],
    ["/assets/*", "the console's files, the same for everybody"],
    ["/", page],
    ["/sign-in", page],
    ["/reset-password", page],
    ["/magic-link", page],
    ["/confirm-email", page],
    ["/unlock", page],
    ["/restore", page],
    ["/sso-setup", page],
    ["/security", page],
    ["/setup*", page],
    ["/invitation/*", page],
    ["/organizations*", page],
    ["/account*", page],
    ["/o/:organization*", page],
  ] as const
).map(([path, openBecause]) => ({ kind: "open", method: "GET", path, openBecause }));
