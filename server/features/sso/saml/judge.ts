import { now } from "../../../foundation/clock/index.ts";
import type { Vault } from "../../../kernel/vault/index.ts";
import type { SsoOptions } from "../inputs.ts";
import { openProof, secretOf, withHandedKeys } from "../sealed.ts";
import type { SsoClient } from "../sso-client.ts";
import { SsoRefusal } from "../sso-refusal.ts";
import type { SamlConnection, SamlIdentity } from "./connection.ts";
import type { ReadResponse } from "./read-response.ts";
import { addressesOf, samlSettingsOf } from "./settings.ts";
import { validateResponse } from "./validate-response.ts";

/** Who came, and what shows that the door may say so. */
export interface Judged {
  readonly identity: SamlIdentity;
  readonly proof: Buffer;
}

/** Validates a response against a connection as it is stored now; throws SsoRefusal with the reason for the trail. */
export function judge(
  { keys, publicUrl }: Pick<SsoOptions, "keys" | "publicUrl">,
  client: SsoClient,
  response: ReadResponse,
  request: string | null,
): Promise<Judged> {
  return withHandedKeys(keys, client.tenantId, client.keys, async (vault) => {
    const connection = await connectionOf(client, publicUrl(), vault);
    const verdict = validateResponse(response, connection, { now: now(), request });
    if ("refused" in verdict) throw new SsoRefusal(`${verdict.refused}: ${verdict.detail}`);
    return { identity: verdict.identity, proof: await openProof(vault, client) };
  });
}

async function connectionOf(client: SsoClient, publicUrl: string, vault: Vault): Promise<SamlConnection> {
  const settings = samlSettingsOf(client.settings);
  if (settings.entityId === undefined) throw new SsoRefusal("the connection is not set up");
  const decryptionKeys: string[] = [];
  for (const sealed of [client.secret, client.formerSecret]) {
    if (sealed === null) continue;
    const open = (key: Buffer): string => key.toString("utf8");
    decryptionKeys.push(await vault.use(client.tenantId, secretOf(client.id), sealed, open));
  }
  return {
    ...addressesOf(publicUrl, client.id),
    issuer: settings.entityId,
    certificates: settings.certificates ?? [],
    allowsUnsolicited: settings.allowsUnsolicited === true,
    decryptionKeys,
    skewSeconds: settings.skewSeconds ?? 60,
    attributes: attributesIn(settings.attributes ?? {}),
  };
}

/** Left out and unknown are the same here. */
function attributesIn(names: Readonly<Record<string, string | undefined>>): SamlConnection["attributes"] {
  return Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined));
}

/** What the kernel is told of an identity. */
export function claimsOf(identity: SamlIdentity): Readonly<Record<string, unknown>> {
  const { issuer, subject, email, name, groups, secondFactor, authenticatedAt } = identity;
  return {
    issuer,
    subject,
    email,
    // The provider's word; the kernel takes it for addresses of the organization's own domains only.
    emailVerified: email !== null,
    name,
    groups,
    secondFactor,
    provedAt: authenticatedAt.toISOString(),
  };
}
