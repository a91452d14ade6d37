import { Type } from "@sinclair/typebox";
import { DatabaseError, type Pool } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import { openRoute, type Route } from "../../http/index.ts";
import type { HashingConfig } from "../../kernel/passwords/index.ts";
import { handOverSession, keptPassword } from "../identity/index.ts";
import { strict } from "./key-fields.ts";

export interface OwnerRestoreOptions {
  readonly auth: Pool;
  readonly hashing: HashingConfig;
}

const tokenField = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });
const linkMinutes = 15;

/** The way back for an owner who has lost every factor: a link that an operator made on the server, good once. */
export function ownerRestoreRoutes({ auth, hashing }: OwnerRestoreOptions): Route[] {
  return [
    openRoute({
      method: "POST",
      path: "/auth/owner-restore",
      openBecause: "whoever has lost every factor has nothing but the operator's link",
      summary: "Whose link this is; it is not used up",
      limit: "sign-in",
      body: Type.Object({ token: tokenField }, strict),
      answer: Type.Object({ email: Type.String(), name: Type.String(), organization: Type.String() }),
      handle: async ({ body }) => whose(auth, sha256(body.token)),
    }),
    openRoute({
      method: "POST",
      path: "/auth/owner-restore/redeem",
      openBecause: "whoever has lost every factor has nothing but the operator's link",
      summary:
        "Sign an owner in with the operator's link: other sessions and all second factors end, and a new password may be set",
      limit: "sign-in",
      body: Type.Object(
        { token: tokenField, password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })) },
        strict,
      ),
      answer: Type.Object({
        signedIn: Type.Literal(true),
        next: Type.Null(),
        organization: Type.String(),
      }),
      handle: async ({ body, request, respond }) => {
        const ticket = sha256(body.token);
        const { email, name, organization } = await whose(auth, ticket);
        const kept =
          body.password === undefined
            ? null
            : await keptPassword(body.password, {
                words: [name, email, organization],
                config: hashing,
                pointer: "/password",
                source: { name: request.ip, known: false },
              });
        const token = newToken();
        const [restored] = await auth.batch([
          {
            text: "select kernel.restore_owner($1, $2::jsonb, $3, $4, $5, $6, $7) as slug",
            values: [
              ticket,
              kept === null ? null : JSON.stringify(kept.recipe),
              kept?.verifier ?? null,
              sha256(token),
              request.id,
              request.ip,
              request.device,
            ],
          },
        ]);
        handOverSession(token, respond);
        return { signedIn: true as const, next: null, organization: String(restored?.rows[0]?.["slug"]) };
      },
    }),
  ];
}

interface Whose {
  readonly email: string;
  readonly name: string;
  readonly organization: string;
}

async function whose(auth: Pool, ticket: Buffer): Promise<Whose> {
  const [told] = await auth.batch([{ text: "select kernel.owner_restoring($1) as told", values: [ticket] }]);
  // kernel.owner_restoring builds just this object.
  return told?.rows[0]?.["told"] as Whose;
}

/** For the operator: makes the link, which is shown nowhere else. Each organization of the owner is told in its trail. */
export async function openOwnerRestore(
  ops: Pool,
  {
    organization,
    email,
    origin,
  }: { readonly organization: string; readonly email: string; readonly origin: string },
): Promise<{ readonly link: string; readonly minutes: number }> {
  const token = newToken();
  await ops
    .batch([
      {
        text: "select kernel.operator_open_restore($1, $2, $3, $4)",
        values: [organization, email.trim(), sha256(token), linkMinutes * 60],
      },
    ])
    .catch((error: unknown) =>
      explain(error, `"${organization}" has no owner with this address; a link is made for owners only.`),
    );
  // In the fragment, which browsers keep to themselves: no log, proxy or referrer sees the token.
  return { link: `${origin}/restore#token=${token}`, minutes: linkMinutes };
}

/** For the operator: takes the list of networks away. False when there was none. */
export async function clearNetworks(ops: Pool, organization: string): Promise<boolean> {
  const [cleared] = await ops
    .batch([{ text: "select kernel.operator_clear_networks($1) as cleared", values: [organization] }])
    .catch((error: unknown) => explain(error, `There is no organization "${organization}".`));
  return cleared?.rows[0]?.["cleared"] === true;
}

/** Ends every session of everybody, and every program's token of one; answers with how many sessions there were. Keys stay. */
export async function endAllSessions(ops: Pool): Promise<number> {
  const [ended] = await ops.batch([{ text: "select kernel.operator_end_sessions() as ended", values: [] }]);
  return Number(ended?.rows[0]?.["ended"]);
}

function explain(error: unknown, detail: string): never {
  if (!(error instanceof DatabaseError) || error.code !== "RF404") throw error;
  throw new Problem("not-found", { detail, cause: error });
}
