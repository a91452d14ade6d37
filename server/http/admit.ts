import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "../foundation/problem/index.ts";
import type { Charge } from "../kernel/limits/index.ts";
import { looksGenuine, readCredential, refuseTwoCredentials } from "./credential.ts";
import { asError, charge, type Door } from "./door.ts";
import type { Exchange } from "./exchange.ts";
import type { Floor } from "./floor.ts";
import { belatedCharges, callerCharges, type Counted } from "./limits.ts";
import { refuseOtherMedia, type Accepts } from "./media-type.ts";
import type { Route } from "./route.ts";

/**
 * The stages between the door and the handler: which credential, CSRF, the kind of body, the caller's limits.
 *
 * Nothing is decided about the credential; that there is one is all that a guarded route asks for here.
 */
export function admissionTo(route: Route, floor: Floor): Door {
  const accepts = acceptedBy(route);
  const guarded = route.kind !== "open";
  const tokenised =
    route.method !== "GET" && !(route.kind === "open" && route.crossSiteBecause !== undefined);
  return (request, reply, done) => {
    const { exchange, headers } = request;
    try {
      if (guarded) identify(exchange, headers);
      if (route.kind === "protocol" && exchange.credential?.kind === "session")
        throw new Problem("not-signed-in", { detail: "Send the key as: Authorization: Bearer <key>" });
      else refuseTwoCredentials(headers);
      exchange.open = !guarded;
      if (tokenised && (!guarded || exchange.credential?.kind === "session")) floor.csrf.verify(headers);
      refuseOtherMedia(headers, accepts);
    } catch (thrown) {
      done(asError(thrown));
      return;
    }
    const goOn = (): void => {
      const counted = countedAs(request, route, floor);
      const charged = isWholeOf(counted, route)
        ? done
        : (fault?: Error) =>
            fault === undefined ? void meet(counted, request, reply, route, floor, done) : done(fault);
      charge(
        floor,
        request,
        reply,
        callerCharges(floor.rates, counted, route.limit),
        theHandlerIsNext,
        charged,
      );
    };
    const { credential } = exchange;
    const genuine = credential === null || looksGenuine(headers, credential, floor.isAccessToken);
    if (typeof genuine !== "boolean") void onceJudged(genuine, goOn, done);
    else if (genuine) goOn();
    else done(new Problem("not-signed-in"));
  };
}

/** Goes on with what was found genuine; nobody who waits for it learns more of what was not than that. */
async function onceJudged(
  judging: Promise<boolean>,
  goOn: () => void,
  done: (error: Error) => void,
): Promise<void> {
  let fault: Error | null = null;
  try {
    if (!(await judging)) fault = new Problem("not-signed-in");
  } catch (thrown) {
    fault = asError(thrown);
  }
  if (fault === null) goOn();
  else done(fault);
}

/** What a route takes as its body, for the check before it is read. */
export function acceptedBy(route: Route): Accepts {
  if (route.method === "GET") return "nothing";
  if (route.stream === true) return route.accepts ?? ["text/csv"];
  if (route.body === undefined) return "nothing";
  return route.kind === "protocol" ? route.dialect.mediaTypes : "json";
}

function identify(exchange: Exchange, headers: Parameters<typeof readCredential>[0]): void {
  const credential = readCredential(headers);
  if (credential === null) throw new Problem("not-signed-in");
  exchange.credential = credential;
  exchange.digest = credential.tokenHash.toString("base64url");
}

/** What is known of the caller without asking anybody. */
function countedAs({ exchange, params }: FastifyRequest, route: Route, { known }: Floor): Counted {
  const { credential, digest } = exchange;
  const { networkKey } = exchange.client;
  const personId = credential === null ? null : known.personOf(digest);
  const tenantId = isInOrganization(route) ? known.tenantOf(digest, slugIn(params)) : null;
  return { credential, digest, personId, tenantId, networkKey };
}

function isInOrganization({ kind }: Route): boolean {
  return kind === "tenant" || kind === "protocol";
}

/** Whether everybody is known in whose buckets a request counts. */
function isWholeOf({ credential, personId, tenantId }: Counted, route: Route): boolean {
  return credential === null || (personId !== null && (tenantId !== null || !isInOrganization(route)));
}

/**
 * Asks whose a credential is that this process does not know yet, or not in this organization, and has the request count there too: many new keys
 * at once are no more requests than one. What nobody has is turned away where it enters.
 */
async function meet(
  { credential, digest, personId, tenantId }: Counted,
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  floor: Floor,
  done: (error?: Error) => void,
): Promise<void> {
  let owed: Charge[] = [];
  try {
    const slug = isInOrganization(route) ? slugIn(request.params) : null;
    const caller = request.exchange.caller(slug);
    const whose = caller === null ? null : await floor.kernel.whose(caller, request.exchange.abandonment);
    if (credential !== null && whose !== null) {
      const there = isInOrganization(route) ? whose.tenantId : null;
      floor.known.learn(digest, whose.personId, slug, there);
      const first = {
        personId: whose.personId === personId ? null : whose.personId,
        tenantId: there === tenantId ? null : there,
      };
      owed = belatedCharges(floor.rates, credential, first, route.limit);
    }
  } catch (thrown) {
    done(asError(thrown));
    return;
  }
  charge(floor, request, reply, owed, theHandlerIsNext, done);
}

function slugIn(params: unknown): string | null {
  // The router makes an object of texts, of those that the address names.
  return (params as Readonly<Record<string, string | undefined>>)["organization"] ?? null;
}

function theHandlerIsNext(): void {
  // All is charged; there is nothing else to do.
}
