import type { FastifyReply, FastifyRequest } from "fastify";
import type { Problem } from "../foundation/problem/index.ts";
import { explainFault } from "./explain-fault.ts";
import { dialectOf } from "./dialect.ts";
import type { Floor } from "./floor.ts";
import { problemType, retryAfterOf } from "./problem-answer.ts";

type Refuse = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void;

/**
 * The one place where a request is turned away: whatever was thrown becomes a problem, a wrong credential is charged
 * to its address, and what the audit trail should know is handed to the kernel.
 */
export function refusalOf(floor: Floor): Refuse {
  return (thrown, request, reply) => {
    const problem = explainFault(thrown, request.method);
    const { exchange } = request;
    exchange.refusedAs = problem;
    for (const name of ["etag", "location", "content-disposition"]) reply.removeHeader(name);
    reply.header("cache-control", "no-store");
    if (isWrongCredential(problem, request)) {
      const { rates, limiter } = floor;
      const charges = exchange.client.charges.map((one) => ({ ...one, cost: rates.failureCost }));
      void limiter.penalise(charges);
      floor.known.forget(exchange.digest);
    }
    floor.blockade.note(problem, request);
    if (isWorthRecording(problem, request)) record(problem, request, floor);
    if (floor.isClosing()) reply.header("connection", "close");
    const wait = retryAfterOf(problem);
    if (wait !== null) reply.header("retry-after", String(wait));
    if (problem.key === "not-signed-in") reply.header("www-authenticate", 'Bearer realm="ringfence"');
    const dialect = dialectOf(floor.dialects, request.raw.url);
    if (dialect === null) {
      reply.code(problem.status).header("content-type", problemType).send(floor.write(problem, request.id));
      return;
    }
    const { status, body } = dialect.refusal(problem);
    reply.code(status).header("content-type", `${dialect.mediaTypes[0]}; charset=utf-8`).send(body);
  };
}

function isWrongCredential({ key }: Problem, { exchange }: FastifyRequest): boolean {
  return key === "wrong-credentials" || (key === "not-signed-in" && exchange.credential !== null);
}

/** Refusals that say something about the caller, rather than about a slip of the pen. */
function isWorthRecording(problem: Problem, { exchange, headers }: FastifyRequest): boolean {
  if (problem.recorded) return false;
  if (problem.key === "not-found") return exchange.credential !== null && cameFromKernel(problem);
  // What was shown as a key and is none, be it mistyped or made up, is no credential, but was shown all the same.
  const shown = exchange.credential !== null || headers.authorization !== undefined;
  return problem.status === 403 || isCredentialMatter(problem, shown);
}

function isCredentialMatter({ key }: Problem, shown: boolean): boolean {
  return key === "two-credentials" || key === "wrong-credentials" || (key === "not-signed-in" && shown);
}

/** An organization that is not the caller's, as opposed to a record that is not there. */
function cameFromKernel({ cause }: Problem): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "RF404";
}

function record({ key }: Problem, request: FastifyRequest, { kernel }: Floor): void {
  const { exchange, id, method } = request;
  const params: unknown = request.params;
  const organization =
    typeof params === "object" &&
    params !== null &&
    "organization" in params &&
    typeof params.organization === "string"
      ? params.organization
      : null;
  kernel.recordRefusal({
    caller: exchange.caller(organization),
    requestId: id,
    ip: exchange.ip,
    device: exchange.device,
    operation: `${method} ${request.routeOptions.url ?? "*"}`,
    problem: key,
  });
}
