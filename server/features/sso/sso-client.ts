import type { Pool } from "../../foundation/database/index.ts";
import { keysIn, type SealedConnection, type WrappedKeys } from "./sealed.ts";

/** A connection that is not disabled, with all that the door needs in order to talk to its provider. */
export interface SsoClient extends SealedConnection {
  readonly kind: "oidc" | "saml";
  readonly state: "draft" | "enabled";
  readonly organization: string;
  readonly version: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secret: Buffer | null;
  readonly formerSecret: Buffer | null;
  readonly keys: WrappedKeys;
}

/** Null when there is none of this id, or it is disabled, or its organization closed. */
export async function ssoClient(auth: Pool, connection: string): Promise<SsoClient | null> {
  const [found] = await auth.batch([{ text: "select * from kernel.sso_client($1)", values: [connection] }]);
  const row = found?.rows[0];
  const proofSealed = row?.["proof_sealed"];
  if (row === undefined || !Buffer.isBuffer(proofSealed)) return null;
  return {
    id: connection,
    tenantId: String(row["tenant_id"]),
    organization: String(row["organization"]),
    kind: row["kind"] === "saml" ? "saml" : "oidc",
    state: row["state"] === "enabled" ? "enabled" : "draft",
    version: Number(row["version"]),
    // A jsonb object, checked when it was stored.
    settings: row["settings"] as Readonly<Record<string, unknown>>,
    secret: bytesOf(row["secret"]),
    formerSecret: bytesOf(row["former_secret"]),
    proofSealed,
    keys: keysIn(found),
  };
}

function bytesOf(value: unknown): Buffer | null {
  return Buffer.isBuffer(value) ? value : null;
}
