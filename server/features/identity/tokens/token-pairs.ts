import { DatabaseError, type Pool, type Result, type Statement } from "../../../foundation/database/index.ts";
import type { ProblemKey } from "../../../../contract/problem.ts";
import { hmacSha256, newToken, sha256 } from "../../../foundation/ids/index.ts";
import { log } from "../../../foundation/log/index.ts";
import { Problem } from "../../../foundation/problem/index.ts";
import { type Asked, explainFault, hands } from "../../../http/index.ts";
import type { PersonScope } from "../../../kernel/tenancy/index.ts";
import { installationVault, type InstallationVault, type Where } from "../../../kernel/vault/index.ts";
import { letterOf } from "../letter.ts";
import { sealedLetter } from "../person-mail.ts";
import type { AccessTokens, TokenSubject } from "./access-tokens.ts";

/** What a program is given: one token to ask with, and one to get the next two. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface TokenPairs {
  /** For whoever holds the session: tokens for one organization, or null for wherever its person may go. */
  issue(scope: PersonScope, organization: string | null, request: Asked): Promise<TokenPair>;
  /**
   * The next pair for a refresh token. One that was used is answered with the pair that it was used for, for a moment; after
   * that it ends everything that came of it. Throws Problem("not-signed-in") for all that is refused; where no organization lets its session in, as
   * it is, the problem says what that wants, and the token stays good.
   */
  refresh(refreshToken: string, request: Asked): Promise<TokenPair>;
}

export interface TokenPairOptions {
  readonly auth: Pool;
  readonly access: AccessTokens;
  /** Seals letters to people. */
  readonly personVault: InstallationVault;
  /** Keys the seals of pairs, together with the token that opens them. */
  readonly pairKey: Buffer;
  /** How long a used refresh token is answered once more; 0 for never. */
  readonly graceSeconds: number;
}

/** Makes pairs of tokens. The database holds digests of them, and the successor of a used one sealed by that one. */
export function openTokenPairs(options: TokenPairOptions): TokenPairs {
  const { auth, access } = options;
  return {
    issue: async (scope, organization, request) => {
      const { tokenHash } = scope.caller;
      const asked = await scope.run({
        text: "select * from kernel.token_subject($1, $2, $3)",
        values: [tokenHash, organization, request.ip],
      });
      const pair = await newPair(access, subjectIn(asked));
      await scope.run({
        text: "select kernel.issue_tokens($1, $2, $3, $4, $5, $6, $7)",
        values: [tokenHash, organization, ...hashesOf(pair), ...hands(request)],
      });
      return pair;
    },
    refresh: async (refreshToken, request) => {
      const tokenHash = sha256(refreshToken);
      const [found] = await auth.batch([
        { text: "select * from kernel.refresh_subject($1)", values: [tokenHash] },
      ]);
      if (found !== undefined && found.rows.length > 0) {
        const pair = await newPair(access, subjectIn(found));
        if (await rotated(options, refreshToken, pair, request)) return pair;
      }
      return replayed(options, refreshToken, request);
    },
  };
}

async function newPair(access: AccessTokens, subject: TokenSubject): Promise<TokenPair> {
  return { accessToken: await access.mint(subject), refreshToken: newToken() };
}

async function rotated(
  { auth, pairKey }: TokenPairOptions,
  refreshToken: string,
  pair: TokenPair,
  request: Asked,
): Promise<boolean> {
  const { ip, device } = request;
  const tokenHash = sha256(refreshToken);
  const sealed = vaultOf(pairKey, refreshToken).seal(
    cellOf(tokenHash),
    Buffer.from(JSON.stringify(pair), "utf8"),
  );
  try {
    const [result] = await auth.batch([
      {
        text: "select kernel.rotate_refresh($1, $2, $3, $4, $5, $6) as rotated",
        values: [tokenHash, ...hashesOf(pair), sealed, ip, device],
      },
    ]);
    return result?.rows[0]?.["rotated"] === true;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    // Of somebody who belongs nowhere (any more) it is good for nothing.
    if (error.code === "RF404") return false;
    if (error.code !== "RF403") throw error;
    const { key } = explainFault(error, "POST");
    await auth.batch([recordRefusal(tokenHash, key, request)]);
    throw new Problem(key, { cause: error, recorded: true });
  }
}

/** In the trail of the token's organization, or among the installation's refusals; of the person either way. */
function recordRefusal(tokenHash: Buffer, reason: ProblemKey, request: Asked): Statement {
  return {
    text: "select kernel.record_refusal($1, null, $2, 'refresh', $3, $4, $5)",
    values: [tokenHash, reason, ...hands(request)],
  };
}

async function replayed(
  { auth, pairKey, personVault, graceSeconds }: TokenPairOptions,
  refreshToken: string,
  request: Asked,
): Promise<TokenPair> {
  const tokenHash = sha256(refreshToken);
  const { mailId, sealed: letter } = sealedLetter(personVault, reuseLetter(request));
  const [result] = await auth.batch([
    {
      text: "select * from kernel.replay_refresh($1, $2, $3, $4, $5, $6, $7, $8)",
      values: [tokenHash, graceSeconds, ...hands(request), mailId, reuseSubject, letter],
    },
  ]);
  const sealed = result?.rows[0]?.["successor"];
  if (Buffer.isBuffer(sealed)) {
    return vaultOf(pairKey, refreshToken).use(
      cellOf(tokenHash),
      sealed,
      // Only `rotated` seals these cells.
      (bytes) => JSON.parse(bytes.toString("utf8")) as TokenPair,
    );
  }
  if (result?.rows[0]?.["outcome"] === "reuse") log.event("refresh-token-reused", { requestId: request.id });
  throw new Problem("not-signed-in", { detail: "This refresh token is not good (any more). Sign in again." });
}

/** Whose hands an act is in, as the kernel functions take it. */
const reuseSubject = "A program's access was used twice, and was ended";

function reuseLetter({ ip, device }: Asked): ReturnType<typeof letterOf> {
  return letterOf({
    paragraphs: [
      "A refresh token of yours was used a second time. Either a program of yours sent an old one, or somebody has copied it.",
      `It came from ${ip} (${device === "" ? "a program that does not say what it is" : device}).`,
      "To be safe, the session that it belonged to was ended, and all programs that it had let in. Sign in again where you need to.",
      "If you do not know that address, end your other sessions too, and change your password.",
    ],
  });
}

/** Opened by nobody who lacks the token, not even with the installation's secret; and by nobody who has only the token. */
function vaultOf(pairKey: Buffer, refreshToken: string): InstallationVault {
  return installationVault(hmacSha256(pairKey, refreshToken));
}

function cellOf(tokenHash: Buffer): Where {
  return { table: "spent_refresh", column: "successor", rowId: tokenHash.toString("hex") };
}

function hashesOf({ accessToken, refreshToken }: TokenPair): [access: Buffer, refresh: Buffer] {
  return [sha256(accessToken), sha256(refreshToken)];
}

function subjectIn({ rows }: Result): TokenSubject {
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not say whose tokens these are");
  const tenantId = row["tenant_id"];
  return {
    personId: String(row["person_id"]),
    sessionId: String(row["session_id"]),
    tenantId: typeof tenantId === "string" ? tenantId : null,
  };
}
