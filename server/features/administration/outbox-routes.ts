import { type Static, Type } from "@sinclair/typebox";
import { route, type TenantRoute } from "../../http/index.ts";
import { type KeyProvider, UnsealError, type Vault } from "../../kernel/vault/index.ts";
import { unpackLetter } from "../identity/index.ts";
import { mailBody } from "./mail-body.ts";
import { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";
import { withTenantVault } from "../../kernel/tenancy/index.ts";

const text = Type.Union([Type.String(), Type.Null()]);

const mail = Type.Object({
  id: Type.String({ format: "uuid" }),
  to: Type.String(),
  subject: Type.String(),
  purpose: Type.String(),
  /** Null once it was sent. */
  text,
  state: Type.String(),
  lastError: text,
  createdAt: Type.String(),
  sentAt: text,
});
type Mail = Static<typeof mail>;

/** Mail to the organization's own people that was sent or waits: alarms and warnings. What proves a mailbox is never among it. */
export function outboxRoutes(keys: KeyProvider): TenantRoute[] {
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
            text: `select id, to_address as "to", subject, purpose, body, state, failure as "lastError", created_at as "createdAt",
  sent_at as "sentAt" from kernel.outbox where $1::uuid is null or id < $1 order by id desc limit $2`,
            values: [query.after ?? null, limit + 1],
          });
          const items = await withTenantVault(t, keys, tenantId, (vault) =>
            Promise.all(rows.map((row) => opened(row, vault, tenantId))),
          );
          return pageFrom(items, limit);
        }),
    }),
  ];
}

async function opened(row: Record<string, unknown>, vault: Vault, tenantId: string): Promise<Mail> {
  const { body, ...rest } = row;
  const said = Buffer.isBuffer(body) ? await textOf(body, String(row["id"]), vault, tenantId) : null;
  // The statement names the columns of the schema, but for the text.
  return { ...(rest as Omit<Mail, "text">), text: said };
}

/** Null when its key was destroyed: one letter that cannot be opened hides none of the others. */
async function textOf(
  sealed: Buffer,
  mailId: string,
  vault: Vault,
  tenantId: string,
): Promise<string | null> {
  try {
    return await vault.use(tenantId, mailBody(mailId), sealed, (bytes) => unpackLetter(bytes).text);
  } catch (error) {
    if (error instanceof UnsealError) return null;
    throw error;
  }
}
