import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "../foundation/problem/index.ts";
import type { EdgeRule } from "./edge-rules.ts";

/** Why no route takes a request. */
export type Nowhere = (request: FastifyRequest, reply: FastifyReply) => Problem;

const order = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * Says why no route takes a request: 405 with `Allow` where its address takes other methods, and otherwise 404. An edge
 * that follows the same rules says the same.
 */
export function nowhereOf(rules: () => readonly EdgeRule[]): Nowhere {
  let known: readonly (readonly [RegExp, EdgeRule])[] | undefined;
  return (request, reply) => {
    const [path = ""] = (request.raw.url ?? "").split("?");
    known ??= rules().map((rule) => [new RegExp(rule.pattern), rule]);
    const [, rule] = known.find(([pattern]) => pattern.test(path)) ?? [];
    if (rule === undefined || rule.methods.length === 0 || rule.methods.includes(request.method))
      return new Problem("not-found");
    request.exchange.address = rule.path;
    const allow = order.filter((method) => rule.methods.includes(method)).join(", ");
    reply.header("allow", allow);
    return new Problem("method-not-allowed", { detail: `It takes ${allow}.` });
  };
}
