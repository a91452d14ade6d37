import { now } from "../../../foundation/clock/index.ts";
import type { Beginning, Departure, SsoKind } from "../begin.ts";
import type { SsoOptions } from "../inputs.ts";
import { secretOf, withHandedKeys } from "../sealed.ts";
import type { SsoClient } from "../sso-client.ts";
import { SsoRefusal } from "../sso-refusal.ts";
import { authnRequestXml, signedRedirect } from "./authn-request.ts";
import { addressesOf, samlSettingsOf } from "./settings.ts";

/** The id of the request that a ticket stands for; XML wants a letter or an underscore first. */
export const requestIdOf = (state: string): string => `_${state}`;

/** The ticket's token in the id of a request of ours, or null. */
export function stateIn(requestId: string | null): string | null {
  return /^_([A-Za-z0-9_-]{43})$/.exec(requestId ?? "")?.[1] ?? null;
}

/** Sends browsers to SAML providers, with a signed request. */
export function samlKind(options: Pick<SsoOptions, "keys" | "publicUrl">): SsoKind {
  return {
    wanted: "saml-request",
    depart: (beginning) => depart(options, beginning),
  };
}

async function depart(
  { keys, publicUrl }: Pick<SsoOptions, "keys" | "publicUrl">,
  { client, state, fresh }: Beginning,
): Promise<Departure> {
  const { entityId, signOnUrl, nameIdFormat = "persistent" } = samlSettingsOf(client.settings);
  if (entityId === undefined || signOnUrl === undefined) throw new SsoRefusal("the connection is not set up");
  const xml = authnRequestXml({
    ...addressesOf(publicUrl(), client.id),
    id: requestIdOf(state),
    issuedAt: now(),
    destination: signOnUrl,
    nameIdFormat,
    fresh,
  });
  const url = await withOwnKey(keys, client, (key) => signedRedirect(signOnUrl, xml, key));
  return { url, payload: { issuer: entityId, fresh } };
}

/** Our private key of a connection, for the time of `work`. */
function withOwnKey<T>(keys: SsoOptions["keys"], client: SsoClient, work: (key: string) => T): Promise<T> {
  const { secret } = client;
  if (secret === null) throw new SsoRefusal("the connection has no key");
  return withHandedKeys(keys, client.tenantId, client.keys, (vault) =>
    vault.use(client.tenantId, secretOf(client.id), secret, (opened) => work(opened.toString("utf8"))),
  );
}
