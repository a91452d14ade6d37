import { Readable } from "node:stream";
import { Problem } from "../../../foundation/problem/index.ts";
import { Type } from "@sinclair/typebox";
import { type OpenRoute, openRoute, streaming } from "../../../http/index.ts";
import { connectionId, type SsoOptions } from "../inputs.ts";
import { ssoClient } from "../sso-client.ts";
import { acsRoute } from "./acs-route.ts";
import { metadataXml } from "./metadata.ts";
import { acceptRoute } from "./offer.ts";
import { addressesOf, samlSettingsOf } from "./settings.ts";

const mediaType = "application/samlmetadata+xml";

/** The doors of SAML: where responses arrive, where a provider's own beginning is agreed to, and our metadata. */
export function samlRoutes(options: SsoOptions): OpenRoute[] {
  return [acsRoute(options), acceptRoute(options), metadataRoute(options)];
}

function metadataRoute({ auth, publicUrl }: SsoOptions): OpenRoute {
  return openRoute({
    method: "GET",
    path: "/auth/saml/:connection/metadata",
    openBecause: "the identity provider has no account here; addresses and certificates are public",
    summary: "What a SAML provider needs to know of us",
    params: connectionId,
    stream: true,
    answers: [mediaType],
    answer: Type.String(),
    handle: async ({ params }) => {
      const client = await ssoClient(auth, params.connection);
      if (client === null || client.kind !== "saml") throw new Problem("not-found");
      const { ownCertificates = [] } = samlSettingsOf(client.settings);
      const xml = metadataXml(addressesOf(publicUrl(), client.id), ownCertificates);
      return streaming(Readable.from([Buffer.from(xml, "utf8")]), mediaType);
    },
  });
}
