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
  /** Null once it was sent, and for readers who hold less than the link inside gives. */
  text,
  state: Type.String(),
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

const columns = `id, to_address as "to", subject, purpose, body, state, failure as "lastError", created_at as "createdAt",
  sent_at as "sentAt"`;

/**
 * Mail to the organization's own people that was sent or waits: alarms and warnings. With a relay, no link that proves a mailbox is
 * ever among it.
 */
export function outboxRoutes({ keys, personVault, mailer }: OutboxOptions): TenantRoute[] {
  const invitations =
    mailer === null ? `union all select ${columns}, true as held from kernel.held_invitations` : "";
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
            text: `select * from (select ${columns}, false as held from kernel.outbox ${invitations}) m
 where $1::uuid is null or id < $1 order by id desc limit $2`,
            values: [query.after ?? null, limit + 1],
          });
          const items = await withTenantVault(t, keys, tenantId, (vault) =>
            Promise.all(
              rows.map(({ held, ...row }) =>
                opened(row, (id, sealed) =>
                  held === true
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
