import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../foundation/log/index.ts";
import type { Problem } from "../foundation/problem/index.ts";
import type { Blocks } from "../kernel/limits/index.ts";
import type { Client, ClientOf } from "./clients.ts";
import { readCredential } from "./credential.ts";
import type { KnownDigests } from "./known-digests.ts";
import { pointsOf } from "./offences.ts";
import { problemType, type Told } from "./problem-answer.ts";

/** Turns away, before anything else, the addresses from which attacks came; see docs/decisions/0017. */
export interface Blockade {
  /** Answers and returns true when the client's address is blocked and the request shows no live credential. */
  turnsAway(request: FastifyRequest, reply: FastifyReply, client: Client): boolean;
  /** Takes note of a request that was refused. */
  note(problem: Problem, request: FastifyRequest): void;
  /** Takes note of bytes that were no HTTP; true when their address is blocked and deserves no answer. */
  noteUnreadable(problem: Problem, socket: Socket): boolean;
  /** Logs the blocks that have ended since. */
  release(): void;
}

/** What the blockade uses of the floor. */
interface Base {
  readonly clientOf: ClientOf;
  readonly headers: readonly (readonly [string, string])[];
  readonly known: KnownDigests;
  readonly log: Log;
  readonly write: (problem: Told, requestId: string) => string;
}

/** Makes the blockade; without blocks it turns nobody away. */
export function blockadeOf(blocks: Blocks | null, floor: Base): Blockade {
  return blocks === null ? open : watching(blocks, floor);
}

const open: Blockade = {
  turnsAway: () => false,
  note: () => undefined,
  noteUnreadable: () => false,
  release: () => undefined,
};

function watching(blocks: Blocks, floor: Base): Blockade {
  const { clientOf, log } = floor;
  const answer = { always: { ...Object.fromEntries(floor.headers), "content-type": problemType }, ...floor };
  const offend = (key: string, problem: Problem, points: number, requestId: string | null): void => {
    const begun = points === 0 ? null : blocks.offend(key, points);
    if (begun === null) return;
    const { seconds, repetition } = begun;
    log.event("address-blocked", {
      requestId,
      network: wordOf(key),
      offence: problem.key,
      seconds,
      repetition,
      blocked: blocks.size,
    });
  };
  return {
    turnsAway(request, reply, { blockKey }) {
      if (blockKey === null) return false;
      const waitMs = blocks.waitMs(blockKey);
      if (waitMs === 0 || passes(request, floor)) return false;
      blocks.refused(blockKey);
      answerBlocked(request, reply, Math.ceil(waitMs / 1000), answer);
      return true;
    },
    note(problem, request) {
      const { client, credential } = request.exchange;
      if (client.blockKey === null) return;
      const points = pointsOf({
        problem: problem.key,
        target: request.raw.url ?? "",
        headers: request.headers,
        credential: credential === null ? "none" : credential.kind === "session" ? "session" : "key",
        live: () => showsLiveCredential(request, floor),
      });
      offend(client.blockKey, problem, points, request.id);
    },
    noteUnreadable(problem, socket) {
      const { blockKey } = clientOf({ socket, headers: {} });
      if (blockKey === null) return false;
      offend(blockKey, problem, unreadablePoints, null);
      return blocks.waitMs(blockKey) > 0;
    },
    release() {
      for (const { key, refused } of blocks.release())
        log.event("address-released", { network: wordOf(key), refused, blocked: blocks.size });
    },
  };
}

const unreadablePoints = 5;

/** Who is signed in goes on from a blocked address, except to the doors at which secrets can be guessed. */
function passes(request: FastifyRequest, floor: Base): boolean {
  return request.routeOptions.config.guessable !== true && showsLiveCredential(request, floor);
}

function showsLiveCredential({ headers }: FastifyRequest, { known }: Base): boolean {
  if (headers.authorization === undefined && headers.cookie === undefined) return false;
  try {
    const credential = readCredential(headers);
    return credential !== null && known.personOf(credential.tokenHash.toString("base64url")) !== null;
  } catch {
    return false;
  }
}

/** Past the framework: a blocked request costs less than any other. A body is not read, so its connection ends. */
function answerBlocked(
  request: FastifyRequest,
  reply: FastifyReply,
  seconds: number,
  { always, write }: Pick<Base, "write"> & { readonly always: Readonly<Record<string, string>> },
): void {
  const { raw, headers } = request;
  const body = write(toldOf(seconds), request.id);
  const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  request.turnedAway = true;
  reply.hijack();
  reply.raw.writeHead(429, {
    ...always,
    "content-length": Buffer.byteLength(body),
    "retry-after": String(seconds),
    "x-request-id": request.id,
    ...(hasBody ? { connection: "close" } : {}),
  });
  reply.raw.end(raw.method === "HEAD" ? undefined : body);
}

function toldOf(retryAfterSeconds: number): Told {
  return { key: "address-blocked", status: 429, detail: undefined, errors: undefined, retryAfterSeconds };
}

/** The address's keyed digest in letters, since the log strikes out what could be a number; the address is in no log. */
function wordOf(key: string): string {
  const hex = Buffer.from(key, "base64url").toString("hex");
  return `net:${hex.replace(/[0-9]/g, (digit) => String.fromCodePoint(103 + Number(digit)))}`;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Answered by the blockade: no other stage has seen it. */
    turnedAway: boolean;
  }
  interface FastifyContextConfig {
    /** A door at which secrets can be guessed. */
    guessable?: boolean;
  }
}
