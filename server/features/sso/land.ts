import type { Pool, Statement } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { type Asked, hands, type Respond } from "../../http/index.ts";
import { awaitSecondFactor, handOverSession } from "../identity/index.ts";
import { returnPath } from "./begin.ts";

/** Which sign-in this is the answer to, and what shows that the door may say who came. */
export interface Landing {
  readonly connection: string;
  readonly wanted: "oidc-state" | "saml-request";
  readonly state: string;
  readonly proof: Buffer;
  readonly claims: object;
  readonly returnTo: string | undefined;
  /** Statements that must go well in the same transaction, before it is said who came. */
  readonly first?: readonly Statement[];
}

/** Has the database decide whom the provider's word stands for, and sends the browser on: in, to the second factor, or back. */
export async function land(
  auth: Pool,
  { connection, wanted, state, proof, claims, returnTo, first = [] }: Landing,
  request: Asked,
  respond: Respond,
): Promise<void> {
  const token = newToken();
  const results = await auth.batch([
    ...first,
    {
      text: "select kernel.sso_finish($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9) as verdict",
      values: [
        connection,
        wanted,
        sha256(state),
        proof,
        JSON.stringify(claims),
        sha256(token),
        ...hands(request),
      ],
    },
  ]);
  enter(results.at(-1)?.rows[0]?.["verdict"], { token, tested: connection, returnTo }, request, respond);
}

/** What the browser gets when it is let in, and where it goes then. */
export interface Entry {
  /** The token whose hash the verdict was asked with. */
  readonly token: string;
  /** The connection that somebody may be trying out. */
  readonly tested: string | null;
  readonly returnTo: string | undefined;
}

/** Sends the browser on by what kernel.sso_signed_in said: in, to the second factor, or back. */
export function enter(
  said: unknown,
  { token, tested, returnTo }: Entry,
  request: Asked,
  respond: Respond,
): void {
  const verdict = verdictOf(said);
  if (verdict === null) {
    refuseUniformly(request, respond);
  } else if (verdict.tested) {
    respond.redirect(`/o/${verdict.organization}/security?tested=${tested ?? ""}`);
  } else if (verdict.next === "second-factor") {
    awaitSecondFactor(token, respond);
    const to = new URLSearchParams({ to: placeOf(verdict, returnTo) });
    respond.redirect(`/sign-in?step=second-factor&${to.toString()}`);
  } else {
    handOverSession(token, respond);
    respond.redirect(placeOf(verdict, returnTo));
  }
}

/** The one answer to whatever was wrong; the request's id leads an administrator to the reason in the trail. */
export function refuseUniformly(request: Asked, respond: Respond): void {
  respond.redirect(`/sign-in?refused=single-sign-on&request=${request.id}`);
}

/** Notes what a provider is said to have sent, and what belongs to no sign-in which was begun here, and so to no organization's trail. */
export function turnedAway(
  door: Landing["wanted"] | "oidc-logout",
  reason: string,
  request: Asked,
): Statement {
  return {
    text: "select kernel.record_refusal(null, null, $1, $2, $3, $4, $5)",
    values: [reason, door, ...hands(request)],
  };
}

/** Where somebody was going in the organization, or its first page. */
function placeOf({ organization }: Verdict, returnTo: string | undefined): string {
  return returnPath(returnTo, organization) ?? `/o/${organization}`;
}

interface Verdict {
  readonly next: "second-factor" | null;
  readonly organization: string;
  readonly tested: boolean;
}

function verdictOf(value: unknown): Verdict | null {
  if (typeof value !== "object" || value === null || "refused" in value || !("organization" in value))
    return null;
  const next = "next" in value && value.next === "second-factor" ? "second-factor" : null;
  return {
    next,
    organization: String(value.organization),
    tested: "tested" in value && value.tested === true,
  };
}
