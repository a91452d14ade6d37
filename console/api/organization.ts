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

export interface CustomField {
  readonly id: string;
  readonly resource: "contact" | "account";
  readonly key: string;
  readonly label: string;
  readonly type: FieldType;
  readonly options: readonly string[] | null;
}

export interface OutboxMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text?: string | null;
  readonly state: string;
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
  return send("GET", door(organization, "/fields"));
}

/** Declares a field. */
export function createField(organization: string, field: Omit<CustomField, "id">): Promise<CustomField> {
  return send("POST", door(organization, "/fields"), { body: field });
}

/** Takes a field away; values stored under it stay in the records until they are changed. */
export function removeField(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/fields/${id}`));
}

/** Mail that this installation has written, delivered or still waiting. */
export function fetchOutbox(organization: string): Promise<Page<OutboxMail>> {
  return send("GET", door(organization, "/outbox"));
}
