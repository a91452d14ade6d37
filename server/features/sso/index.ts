import type { Route } from "../../http/index.ts";
import type { Job } from "../../jobs/index.ts";
import { breakGlassJob } from "./break-glass-job.ts";
import { connectionActs } from "./connection-acts.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { type DomainNewsOptions, domainNewsJob } from "./domain-news-job.ts";
import { domainRoutes } from "./domain-routes.ts";
import { domainsJob } from "./domains-job.ts";
import { enforcementRoutes } from "./enforcement-routes.ts";
import { entranceRoute } from "./entrance-route.ts";
import type { SsoOptions } from "./inputs.ts";
import { callbackRoute } from "./oidc/callback-route.ts";
import { oidcKind } from "./oidc/depart.ts";
import { jwksRoute } from "./oidc/jwks-route.ts";
import { logoutRoute } from "./oidc/logout-route.ts";
import { createProviders } from "./oidc/provider.ts";
import { certificatesJob } from "./saml/certificates-job.ts";
import { samlKind } from "./saml/depart.ts";
import { samlRoutes } from "./saml/routes.ts";
import { setupLinkRoutes } from "./setup-link-routes.ts";
import { signInRoutes, type SsoKinds } from "./sign-in-routes.ts";

export type { SsoOptions } from "./inputs.ts";

/** Single sign-on: an organization's providers and domains, the way there and back, and the demand that nobody comes otherwise. */
export function ssoRoutes(options: SsoOptions): Route[] {
  const providers = createProviders(options.egress);
  const kinds: SsoKinds = { oidc: oidcKind(options, providers), saml: samlKind(options) };
  return [
    ...signInRoutes(options, kinds),
    entranceRoute(),
    callbackRoute(options, providers),
    jwksRoute(options),
    logoutRoute(options, providers),
    ...samlRoutes(options),
    ...connectionRoutes(options),
    ...connectionActs(options, kinds),
    ...domainRoutes(options),
    ...enforcementRoutes(),
    ...setupLinkRoutes(options),
  ];
}

export function ssoJobs(options: DomainNewsOptions & Pick<SsoOptions, "textRecords">): Job[] {
  return [breakGlassJob(options), certificatesJob(options), domainsJob(options), domainNewsJob(options)];
}
