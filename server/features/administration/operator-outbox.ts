import { DatabaseError, type Pool } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import {
  installationKeys,
  installationVault,
  type KeyStore,
  openVault,
  UnsealError,
} from "../../kernel/vault/index.ts";
import { type LetterBody, personMailBody, personOutbox, unpackLetter } from "../identity/index.ts";
import { mailBody } from "./mail-body.ts";

/** A waiting letter as the operator of the installation may see it. */
export interface WaitingLetter {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly state: string;
  readonly lastError: string | null;
  readonly createdAt: string;
  /** Null when its key is gone. */
  readonly text: string | null;
}

/**
 * Mail of one organization that was not sent, its invitations included, for an operator without a relay. The look stands in the
 * organization's own trail; opening takes the installation's secret besides the door's password.
 */
export async function waitingLetters(
  ops: Pool,
  secret: Buffer,
  organization: string,
): Promise<WaitingLetter[]> {
  const provider = installationKeys(secret);
  const [mails, keys, invitations] = await ops
    .batch([
      { text: "select * from kernel.operator_outbox($1)", values: [organization] },
      { text: "select id, wrapped from kernel.operator_tenant_keys($1)", values: [organization] },
      personOutbox(organization),
    ])
    .catch((error: unknown) => {
      if (!(error instanceof DatabaseError) || error.code !== "RF404") throw error;
      throw new Problem("not-found", { detail: `There is no organization "${organization}".`, cause: error });
    });
  const tenantId = String(mails?.rows[0]?.["tenant_id"]);
  const vault = openVault({ provider, store: storeOf(keys?.rows ?? []) });
  try {
    const own = (mails?.rows ?? []).map((row) =>
      shown(row, (id, sealed) => vault.use(tenantId, mailBody(id), sealed, unpackLetter)),
    );
    return await Promise.all([...personMail(invitations?.rows ?? [], secret), ...own]);
  } finally {
    vault.forget(tenantId);
  }
}

/**
 * People's own mail that was not sent: links, invitations, notices. The look stands in the trail of each organization that an
 * addressed person belongs to, or that invites them.
 */
export async function waitingPersonMail(ops: Pool, secret: Buffer): Promise<WaitingLetter[]> {
  const [mails] = await ops.batch([personOutbox(null)]);
  return Promise.all(personMail(mails?.rows ?? [], secret));
}

function personMail(rows: readonly Record<string, unknown>[], secret: Buffer): Promise<WaitingLetter>[] {
  const vault = installationVault(secret);
  return rows.map((row) => shown(row, (id, sealed) => vault.use(personMailBody(id), sealed, unpackLetter)));
}

async function shown(
  row: Record<string, unknown>,
  open: (id: string, sealed: Buffer) => Promise<LetterBody>,
): Promise<WaitingLetter> {
  const id = String(row["id"]);
  // The columns of the two outbox functions are alike.
  const text = await open(id, row["body"] as Buffer).then(
    (letter) => letter.text,
    (error: unknown) => {
      if (error instanceof UnsealError) return null;
      throw error;
    },
  );
  return {
    id,
    to: String(row["to_address"]),
    subject: String(row["subject"]),
    state: String(row["state"]),
    lastError: typeof row["failure"] === "string" ? row["failure"] : null,
    createdAt: String(row["created_at"]),
    text,
  };
}

function storeOf(rows: readonly Record<string, unknown>[]): KeyStore {
  const refuse = (): Promise<never> => Promise.reject(new Error("the operator's look changes no keys"));
  return {
    // The columns of kernel.operator_tenant_keys are integer and bytea.
    read: async (tenantId) =>
      rows.map((row) => ({ tenantId, keyId: Number(row["id"]), wrapped: row["wrapped"] as Buffer })),
    add: refuse,
    rewrap: refuse,
  };
}
