import type { FastifyReply, FastifyRequest } from "fastify";
import type { Floor } from "./floor.ts";

/** Writes one line per request: the declared address, never the typed one, no query, no address of the client. */
export function reporterOf({
  log,
}: Pick<Floor, "log">): (request: FastifyRequest, reply: FastifyReply) => void {
  return (request, reply) => {
    const problem = request.exchange.refusedAs;
    const line = {
      requestId: request.id,
      method: request.method,
      route: request.exchange.address ?? request.routeOptions.url ?? "*",
      status: reply.statusCode,
      milliseconds: reply.elapsedTime,
    };
    if (!reply.raw.writableFinished) log.event("request-abandoned", line);
    else if (problem === null) log.event("request-finished", line);
    else if (problem.key === "our-fault") log.event("request-failed", { ...line, error: problem.cause });
    else log.event("request-refused", { ...line, problem: problem.key });
  };
}
