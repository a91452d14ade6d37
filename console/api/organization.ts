import type { Page } from "./page.ts";
import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface OrganizationSettings {
  readonly id?: string;
  readonly slug: string;
  readonly name: string;
  readonly locale: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly version?: number;
}

export type FieldType = "text" | "number" | "date" | "boolean" | "choice";

/** A field that the organization declared itself. */
export interface CustomField {
  readonly id: string;
  readonly version: number;
  readonly of: "contact" | "account";
  readonly key: string;
  readonly label: string;
  readonly type: FieldType;
  readonly options: readonly string[];
}

export interface OutboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly purpose: string;
  /** `held`: a demo wrote it, and nobody mails it. */
  readonly state: string;
  readonly text?: string | null;
  readonly createdAt: string;
  readonly sentAt?: string | null;
  readonly lastError?: string | null;
}

/** The organization's own settings. */
export function fetchOrganization(organization: string): Promise<OrganizationSettings> {
  return send("GET", door(organization, "/organization"));
}

/** Changes the organization's name, language, time zone or currency. */
export function changeOrganization(
  organization: string,
  change: Partial<Pick<OrganizationSettings, "name" | "locale" | "timeZone" | "currency">>,
  version: number | undefined,
): Promise<OrganizationSettings> {
  return send("PATCH", door(organization, "/organization"), {
    body: change,
    ...(version === undefined ? {} : { version }),
  });
}

/** The fields that this organization declared for itself. */
export function fetchFields(organization: string): Promise<Page<CustomField>> {
  return send("GET", door(organization, "/fields"), { query: { limit: 200, sort: "name" } });
}

/** Declares a field. */
export function createField(
  organization: string,
  field: Omit<CustomField, "id" | "version">,
): Promise<CustomField> {
  return send("POST", door(organization, "/fields"), { body: field });
}

/** Takes a field out of every form; values stored under it stay in the records, and it can come back for 30 days. */
export function archiveField(organization: string, { id, version }: CustomField): Promise<unknown> {
  return send("POST", door(organization, `/fields/${id}/archive`), { version });
}

/** Mail that this installation has written, delivered or still waiting. */
export function fetchOutbox(organization: string): Promise<Page<OutboxMail>> {
  return send("GET", door(organization, "/outbox"));
}
