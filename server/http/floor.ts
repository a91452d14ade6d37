import type { Socket } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../foundation/log/index.ts";
import type { Limiter } from "../kernel/limits/index.ts";
import type { Blockade } from "./blockade.ts";
import type { ClientOf } from "./clients.ts";
import type { AccessCheck } from "./credential.ts";
import type { CsrfGuard } from "./csrf.ts";
import type { Dialect } from "./dialect.ts";
import type { Gate } from "./gate.ts";
import type { KnownDigests } from "./known-digests.ts";
import type { Rates } from "./limits.ts";
import type { Nowhere } from "./nowhere.ts";
import type { Told } from "./problem-answer.ts";

/** Whether the installation has an owner: `true` at once when that is known, since it never changes back. */
export type IsClaimed = () => true | Promise<boolean>;

/** What the stages of every request share: made once, when the server is built. */
export interface Floor {
  readonly kernel: Gate;
  readonly limiter: Limiter;
  readonly rates: Rates;
  readonly log: Log;
  readonly csrf: CsrfGuard;
  readonly isAccessToken: AccessCheck;
  readonly known: KnownDigests;
  readonly clientOf: ClientOf;
  readonly blockade: Blockade;
  readonly headers: readonly (readonly [string, string])[];
  readonly nowhere: Nowhere;
  readonly write: (problem: Told, requestId: string) => string;
  /** Connections with a request under way. */
  readonly busy: Set<Socket>;
  /** Logs a request that is over. */
  readonly report: (request: FastifyRequest, reply: FastifyReply) => void;
  readonly isClaimed: IsClaimed;
  /** Whether the server has been told to stop. */
  readonly isClosing: () => boolean;
  /** Standards in whose way some addresses are answered. */
  readonly dialects: readonly Dialect[];
}
