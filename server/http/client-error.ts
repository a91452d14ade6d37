import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { uuidv7 } from "../foundation/ids/index.ts";
import type { Log } from "../foundation/log/index.ts";
import { Problem } from "../foundation/problem/index.ts";
import type { Floor } from "./floor.ts";
import { problemType } from "./problem-answer.ts";

/** Answers what Node could not even parse as HTTP, in the same words as everything else, and hangs up. */
export function clientErrorAnswer({
  write,
  headers,
  log,
  blockade,
}: Pick<Floor, "blockade" | "write" | "headers"> & { readonly log: Log }) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const problem = problemFor(error.code);
    // A connection that stays silent is none: browsers open some in advance.
    if (error.code !== "ERR_HTTP_REQUEST_TIMEOUT" && blockade.noteUnreadable(problem, socket)) {
      socket.destroy();
      return;
    }
    const requestId = uuidv7();
    const body = write(problem, requestId);
    const lines = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `content-type: ${problemType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
    ];
    socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
    log.event("request-refused", { requestId, status: problem.status, problem: problem.key, route: "*" });
  };
}

function problemFor(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW")
    return new Problem("too-large", { detail: "The headers are too large." });
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return new Problem("bad-request", { detail: "The request took too long to arrive." });
  return new Problem("bad-request", { detail: "This is not well-formed HTTP/1.1." });
}
