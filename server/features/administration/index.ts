import type { TenantRoute } from "../../http/index.ts";
import type { Job } from "../../jobs/index.ts";
import type { Resource } from "../../kernel/resource/index.ts";
import { accessRoutes } from "./access-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { type InvitationOptions, invitationRoutes } from "./invitation-routes.ts";
import { memberRoutes } from "./member-routes.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { outboxRoutes } from "./outbox-routes.ts";
import { type ProtectionOptions, protectionRoute } from "./protection-route.ts";
import { purgeJob } from "./purge-archived.ts";
import { roleRoutes } from "./role-routes.ts";
import { sendMailJob, type SendMailOptions } from "./send-mail.ts";

export { invite, type InvitationLetters } from "./invitation-routes.ts";
export { mailBody } from "./mail-body.ts";
export { rolesField } from "./member-routes.ts";
export { onlyOnce } from "./only-once.ts";
export { type WaitingLetter, waitingLetters, waitingPersonMail } from "./operator-outbox.ts";
export { pageFrom, pageOf, pageQuery, pageSize } from "./paging.ts";
export { type Refusal, refusals } from "./refusals.ts";

export type AdministrationOptions = InvitationOptions & SendMailOptions & ProtectionOptions;

/** The doors to an organization's own affairs: settings, members, invitations, audit trail, outbox. */
export function administrationRoutes(options: AdministrationOptions): TenantRoute[] {
  return [
    ...organizationRoutes(),
    protectionRoute(options),
    ...memberRoutes(),
    ...roleRoutes(),
    ...accessRoutes(),
    ...invitationRoutes(options),
    ...auditRoutes(),
    ...outboxRoutes(options),
  ];
}

/** Sending mail, and erasing what has been archived long enough. */
export function administrationJobs(options: SendMailOptions, resources: readonly Resource[]): Job[] {
  return [sendMailJob(options), purgeJob(resources)];
}
