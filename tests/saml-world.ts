import { inflateRawSync } from "node:zlib";
import { connectionTo, encode, honestXml, type Idp, newIdp, type Told, told } from "./attack/saml-forge.ts";
import type { Answer, Client } from "./client.ts";
import { publicUrl } from "./server.ts";
import { type Org, ssoWorld, type SsoWorld } from "./sso-world.ts";
import type { SamlConnection } from "../server/features/sso/saml/connection.ts";

/** An organization whose people come by a SAML provider of the test's own. */
export interface SamlWorld extends SsoWorld {
  readonly idp: Idp;
  /** An enabled connection of the organization to the test's provider. */
  connectSaml(organization: Org, settings?: Readonly<Record<string, unknown>>): Promise<string>;
  /** What the validator will be told of the connection; for forging responses that fit. */
  at(connection: string): SamlConnection;
  /** Begins in this browser: the id of the request that it carries to the provider. */
  ask(browser: Client, connection: string, query?: string): Promise<string>;
  /** An honest response to a request, or one that begins (null). */
  answer(connection: string, request: string | null, changes?: Partial<Told>): string;
  /** Posts it as the provider's page does: from another site, with the cookies that a browser then sends. */
  post(
    browser: Client,
    connection: string,
    response: string,
    more?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

export async function samlWorld(settings: Readonly<Record<string, string>> = {}): Promise<SamlWorld> {
  const [world, idp] = [await ssoWorld(settings), await newIdp()];
  const at = (connection: string): SamlConnection =>
    connectionTo(idp, {
      entityId: `${publicUrl}/auth/saml/${connection}/metadata`,
      acsUrl: `${publicUrl}/auth/saml/${connection}/acs`,
    });
  let assertions = 0;
  return {
    ...world,
    idp,
    at,
    connectSaml: (organization, changes = {}) => connect(organization, idp, changes),
    ask: async (browser, connection, query) => requestIn(await world.begin(browser, connection, query)).id,
    answer: (connection, request, changes = {}) => {
      assertions += 1;
      const assertionId = `_assertion-${assertions}`;
      return encode(honestXml(idp, told(at(connection), { inResponseTo: request, assertionId, ...changes })));
    },
    post: (browser, connection, response, more = {}) => {
      const cookie = browser.cookies.get("__Host-sso-post");
      return browser.send("POST", `/auth/saml/${connection}/acs`, {
        raw: new URLSearchParams({ SAMLResponse: response, ...more }).toString(),
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": "cross-site",
          // Every other cookie of ours is SameSite=Lax, which a form of another site does not bring along.
          cookie: cookie === undefined ? "" : `__Host-sso-post=${cookie}`,
        },
      });
    },
  };
}

async function connect(
  { slug, browser }: Org,
  { entityId, certificate }: Idp,
  settings: Readonly<Record<string, unknown>>,
): Promise<string> {
  const made = await browser.post(`/o/${slug}/v1/sso-connections`, { kind: "saml", name: "Our provider" });
  const { id, version } = made.json;
  const usual = { entityId, signOnUrl: "https://idp.example/sso", certificates: [certificate] };
  const wanted = "metadata" in settings ? settings : { ...usual, ...settings };
  const change = { settings: wanted, provisions: true, defaultRoles: ["member"] };
  const changed = await browser.patch(`/o/${slug}/v1/sso-connections/${id}`, change, { version });
  if (changed.status !== 200) throw new Error(changed.text);
  const enabled = await browser.post(`/o/${slug}/v1/sso-connections/${id}/enable`);
  if (enabled.status !== 204) throw new Error(enabled.text);
  return String(id);
}

/** The request in the address that a browser is sent to. */
export function requestIn(location: string): { readonly id: string; readonly xml: string } {
  const deflated = new URL(location).searchParams.get("SAMLRequest") ?? "";
  const xml = inflateRawSync(Buffer.from(deflated, "base64")).toString("utf8");
  return { id: / ID="([^"]*)"/.exec(xml)?.[1] ?? "", xml };
}
