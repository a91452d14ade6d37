import { type Static, Type } from "@sinclair/typebox";
import type { Mailer } from "../../foundation/mail/index.ts";
import { route, type TenantRoute } from "../../http/index.ts";
import { type InstallationVault, type KeyProvider, UnsealError } from "../../kernel/vault/index.ts";
import { personMailBody, unpackLetter } from "../identity/index.ts";
import { mailBody } from "./mail-body.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";

const text = Type.Union([Type.String(), Type.Null()]);

const mail = Type.Object({
  id: Type.String({ format: "uuid" }),
  to: Type.String(),
  subject: Type.String(),
  purpose: Type.String(),
  /** Null once it was sent, for readers who hold less than the link inside gives, and for a demo's invitations where there is a relay. */
  text,
  state: Type.String({
    description:
      "`waiting`, `sent`, `failed`; or `held`: written by a demo, which mails nobody. Whoever runs the installation hands it on.",
  }),
  lastError: text,
  createdAt: Type.String(),
  sentAt: text,
});
type Mail = Static<typeof mail>;

export interface OutboxOptions {
  readonly keys: KeyProvider;
  readonly personVault: InstallationVault;
  /** Null without a relay: whoever may do what an invitation gives then finds its link here, and hands it on. */
  readonly mailer: Mailer | null;
}

const columns = `id, to_address as "to", subject, purpose, state, failure as "lastError", created_at as "createdAt",
  sent_at as "sentAt"`;

/** `$3` says whether there is no relay. */
const letters = `select ${columns}, body, false as personal from kernel.outbox
 union all select ${columns}, case when $3 then body end, true from kernel.held_invitations where $3 or demo`;

/**
 * Mail to the organization's own people that was sent or waits: alarms and warnings; and invitations that nobody mails, because
 * there is no relay or it is a demo that wrote them. With a relay, no link that proves a mailbox is ever among it.
 */
export function outboxRoutes({ keys, personVault, mailer }: OutboxOptions): TenantRoute[] {
  return [
    route({
      method: "GET",
      path: "/outbox",
      summary: "Mail to the organization's own people that was sent or waits",
      needs: ["outbox.reveal"],
      query: Type.Object(pageQuery),
      answer: pageOf(mail),
      handle: ({ scope, query }) =>
        scope.tx(async (t, { tenantId }) => {
          const limit = query.limit ?? pageSize;
          const { rows } = await t.run({
            text: `select * from (${letters}) m where $1::uuid is null or id < $1 order by id desc limit $2`,
            values: [query.after ?? null, limit + 1, mailer === null],
          });
          const items = await withTenantVault(t, keys, tenantId, (vault) =>
            Promise.all(
              rows.map(({ personal, ...row }) =>
                opened(row, (id, sealed) =>
                  personal === true
                    ? personVault.use(personMailBody(id), sealed, textOf)
                    : vault.use(tenantId, mailBody(id), sealed, textOf),
                ),
              ),
            ),
          );
          return pageFrom(items, limit);
        }),
    }),
  ];
}

/** Its text is null when the key was destroyed: one letter that cannot be opened hides none of the others. */
async function opened(
  { body, ...rest }: Record<string, unknown>,
  open: (id: string, sealed: Buffer) => Promise<string>,
): Promise<Mail> {
  const said = Buffer.isBuffer(body)
    ? await open(String(rest["id"]), body).catch((error: unknown) => {
        if (error instanceof UnsealError) return null;
        throw error;
      })
    : null;
  // The statement names the columns of the schema, but for the text.
  return { ...(rest as Omit<Mail, "text">), text: said };
}

function textOf(bytes: Buffer): string {
  return unpackLetter(bytes).text;
}
