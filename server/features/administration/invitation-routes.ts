import { type Static, Type } from "@sinclair/typebox";
import type { Statement, Transaction } from "../../foundation/database/index.ts";
import { newToken, sha256 } from "../../foundation/ids/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import type { Mailer } from "../../foundation/mail/index.ts";
import { nothing, route, type TenantRoute } from "../../http/index.ts";
import type { Entered } from "../../kernel/tenancy/index.ts";
import type { InstallationVault } from "../../kernel/vault/index.ts";
import { emailField, mailAddress, sealedLetter } from "../identity/index.ts";
import { invitationLetter, invitationSubject } from "./letter.ts";
import { rolesField } from "./member-routes.ts";
import { onlyOnce } from "./only-once.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";

const invitation = Type.Object({
  id: Type.String({ format: "uuid" }),
  email: Type.String(),
  roles: Type.Array(Type.String()),
  invitedBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
  expiresAt: Type.String(),
  delivery: Type.Union(
    [
      Type.Literal("waiting"),
      Type.Literal("sent"),
      Type.Literal("failed"),
      Type.Literal("held"),
      Type.Null(),
    ],
    {
      description:
        "How the letter's sending goes. `held`: nobody sends it, and the operator of the installation hands its link on. Null once the letter is forgotten, after a week.",
    },
  ),
  lastError: Type.Union([Type.String(), Type.Null()]),
});
type Invitation = Static<typeof invitation>;

const columns = `id, email, roles, invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt",
  delivery, failure as "lastError"`;

const newInvitation = Type.Object({ email: emailField, roles: rolesField }, { additionalProperties: false });

/** What writing an invitation takes. */
export interface InvitationLetters {
  /** Seals the letter for the one whom it is addressed to: nobody in the organization can read it. */
  readonly personVault: InstallationVault;
  /** The origin that people type; known once the server listens. */
  readonly publicUrl: () => string;
}

export interface InvitationOptions extends InvitationLetters {
  /** Null without a relay: the operator then hands links on. */
  readonly mailer: Mailer | null;
}

const days = 7;

/** Invitations by mail. The link is in the letter alone: the database has its digest, and the letter is sealed. */
export function invitationRoutes(options: InvitationOptions): TenantRoute[] {
  return [
    listInvitations(options),
    route({
      method: "POST",
      path: "/invitations",
      summary: "Invite somebody by mail; a newer invitation replaces the older",
      needs: ["member.read", "member.invite", "organization.read"],
      limit: "send",
      body: newInvitation,
      conditions: ["Idempotency-Key"],
      status: 201,
      answer: invitation,
      handle: ({ scope, body, request }) =>
        scope.tx(async (t, entered) => {
          const wanted = { email: mailAddress(body.email), roles: body.roles };
          const { id } = await onlyOnce(t, request.idempotencyKey(), body, () =>
            invite(t, entered, wanted, options),
          );
          const { rows } = await t.run({
            text: `select ${columns} from kernel.invitations where id = $1`,
            values: [id],
          });
          // The statement names exactly the columns of the schema.
          const [made] = rows as Invitation[];
          if (made === undefined)
            throw new Problem("wrong-state", { detail: "It was accepted or withdrawn meanwhile." });
          return underway(made, options);
        }),
    }),
    withdrawInvitation,
  ];
}

function listInvitations(options: InvitationOptions): TenantRoute {
  return route({
    method: "GET",
    path: "/invitations",
    summary: "Invitations that nobody has accepted yet",
    needs: ["member.read"],
    query: Type.Object(pageQuery),
    answer: pageOf(invitation),
    handle: async ({ scope, query }) => {
      const limit = query.limit ?? pageSize;
      const { rows } = await scope.run({
        text: `select ${columns} from kernel.invitations where $1::uuid is null or id < $1 order by id desc limit $2`,
        values: [query.after ?? null, limit + 1],
      });
      // The statement names exactly the columns of the schema.
      return pageFrom(
        (rows as Invitation[]).map((each) => underway(each, options)),
        limit,
      );
    },
  });
}

/** Where there is no relay, a letter waits for nobody who would send it. */
function underway(made: Invitation, { mailer }: InvitationOptions): Invitation {
  return mailer === null && made.delivery === "waiting" ? { ...made, delivery: "held" } : made;
}

const withdrawInvitation = route({
  method: "DELETE",
  path: "/invitations/:id",
  summary: "Take an invitation back; its link stops working at once",
  needs: ["member.invite"],
  answer: nothing,
  status: 204,
  handle: async ({ scope, params }) => {
    await scope.run({ text: "select kernel.withdraw_invitation($1)", values: [params.id] });
  },
});

/**
 * Makes the ticket and queues its letter in one transaction; both are there, or neither. Who invites never sees the link: it shows
 * that whoever opens it reads the mailbox, and tells them whether there is an account for it.
 */
export async function invite(
  t: Pick<Transaction, "run">,
  entered: Pick<Entered, "memberId">,
  { email, roles }: { readonly email: string; readonly roles: readonly string[] },
  { personVault, publicUrl }: InvitationLetters,
): Promise<string> {
  const { rows } = await t.run(names(entered.memberId));
  const { organization, invitedBy } = {
    organization: String(rows[0]?.["organization"]),
    invitedBy: String(rows[0]?.["member"]),
  };
  const token = newToken();
  // In the fragment, which browsers keep to themselves: no log, proxy or referrer sees the token.
  const link = `${publicUrl()}/invitation/accept#token=${token}`;
  const { mailId, sealed } = sealedLetter(
    personVault,
    invitationLetter({ organization, invitedBy, roles, link, days }),
  );
  const made = await t.run({
    text: "select kernel.invite($1, $2, $3, $4, $5, $6, $7) as id",
    values: [email, roles, sha256(token), days * 86_400, mailId, invitationSubject({ organization }), sealed],
  });
  return String(made.rows[0]?.["id"]);
}

function names(memberId: string): Statement {
  return {
    text: `select o.name as organization, m.name as member from kernel.organization o, kernel.members m where m.id = $1`,
    values: [memberId],
  };
}
