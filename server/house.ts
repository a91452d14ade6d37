import type { Pool } from "./foundation/database/index.ts";
import { accessJobs, type AccessOptions, accessRoutes } from "./features/access/index.ts";
import {
  administrationJobs,
  type AdministrationOptions,
  administrationRoutes,
} from "./features/administration/index.ts";
import { crmDoors } from "./features/crm/index.ts";
import {
  type IdentityOptions,
  identityRoutes,
  type ArrivalOptions,
  lookAtArrivals,
  startNoticeLetters,
  startPersonMail,
} from "./features/identity/index.ts";
import {
  exportRoutes,
  importJobs,
  type ImportOptions,
  importRoutes,
  importRun,
} from "./features/imports/index.ts";
import { type ScimOptions, scimRoutes } from "./features/scim/index.ts";
import { ssoJobs, type SsoOptions, ssoRoutes } from "./features/sso/index.ts";
import { supportRoutes } from "./features/support/index.ts";
import { type Arrival, resourceRoutes, type Route } from "./http/index.ts";
import type { Job, Loop } from "./jobs/index.ts";
import type { Resource } from "./kernel/resource/index.ts";

/** Every declared resource: tables, permissions, documents and attack tests follow from this list. */
export const resources: readonly Resource[] = [...crmDoors.map(({ resource }) => resource), importRun];

export interface HouseOptions
  extends
    IdentityOptions,
    ArrivalOptions,
    AdministrationOptions,
    AccessOptions,
    ImportOptions,
    SsoOptions,
    ScimOptions {
  readonly worker: Pool;
}

/** Every door of every room. */
export function routesOf(options: HouseOptions): Route[] {
  return [
    ...identityRoutes(options),
    ...administrationRoutes(options),
    ...accessRoutes(options),
    ...supportRoutes(),
    ...ssoRoutes(options),
    ...crmDoors.flatMap((doors) => resourceRoutes({ ...doors, keys: options.keys })),
    ...importRoutes(options),
    ...exportRoutes(),
    ...scimRoutes(options),
  ];
}

/** Every kind of work for later. */
export function jobsOf(options: Pick<HouseOptions, "keys" | "mailer" | "publicUrl" | "textRecords">): Job[] {
  return [
    ...administrationJobs(options, resources),
    ...accessJobs(options),
    ...importJobs(),
    ...ssoJobs(options),
  ];
}

/** What a worker does besides jobs, until it is stopped: people's own mail belongs to no organization, and so is no job. */
export function loopsOf({ worker, personVault, mailer, publicUrl }: HouseOptions): Loop[] {
  const letters = startNoticeLetters({ worker, vault: personVault, publicUrl });
  return mailer === null ? [letters] : [letters, startPersonMail({ worker, vault: personVault, mailer })];
}

/** What happens when somebody has signed in, before their browser is told. */
export function arrivalsOf(options: HouseOptions): (arrival: Arrival) => Promise<void> {
  return lookAtArrivals(options);
}
