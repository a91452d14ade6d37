import { userAttributes } from "./attributes.ts";
import { type Document, enterpriseSchema, userSchema } from "./names.ts";
import { listOf } from "./patch-user.ts";
import { partsOf, readAttributes } from "./read-value.ts";
import { ScimRefusal } from "./refusal.ts";

/** A user as kernel.scim_users shows them. */
export interface UserRow {
  readonly id: string;
  readonly userName: string;
  readonly externalId: string | null;
  readonly attributes: Document;
  readonly active: boolean;
  readonly roles: readonly string[];
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly groups: readonly { readonly value: string; readonly display: string }[];
}

/** A user as kernel.scim_create_user and scim_change_users take them. */
export interface WantedUser {
  readonly userName: string;
  readonly externalId: string | null;
  readonly active: boolean;
  /** The address by which the person is found or made. */
  readonly email: string;
  /** The name that a person who is made gets. */
  readonly name: string;
  readonly attributes: Document;
}

/** The user that a whole body describes; one that does not say so is as active as before, a new one active. */
export function readUser(body: unknown, activeBefore = true): WantedUser {
  const document = readAttributes(body, userAttributes);
  return wantedUser({ ...document, active: document["active"] ?? activeBefore });
}

/** Checks a document as a whole, and makes of it what the database takes. */
export function wantedUser(document: Document): WantedUser {
  const userName = textAt(document, "userName").trim();
  if (userName === "" || userName.length > 320)
    throw new ScimRefusal("invalidValue", '"userName" is a text of 1 to 320 characters.');
  const externalId = textAt(document, "externalId");
  if (externalId.length > 500)
    throw new ScimRefusal("invalidValue", '"externalId" has at most 500 characters.');
  const attributes = attributesOf(document);
  return {
    userName,
    externalId: externalId === "" ? null : externalId,
    active: document["active"] !== false,
    email: addressOf(userName, listOf(attributes["emails"])),
    name: nameOf(document, userName),
    attributes,
  };
}

const address =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,255}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,62}$/;

/** ASCII only: no two addresses that look alike are different people. */
function addressOf(userName: string, emails: readonly Document[]): string {
  const chosen = emails.find((one) => one["primary"] === true) ?? emails[0];
  const text = (chosen === undefined ? userName : textAt(chosen, "value")).trim();
  if (!address.test(text) || text.length > 320)
    throw new ScimRefusal(
      "invalidValue",
      "An e-mail address is wanted, as the primary one or as the userName.",
    );
  return text.toLowerCase();
}

function nameOf(document: Document, userName: string): string {
  const name = partsOf(document["name"]);
  const both = `${textAt(name, "givenName")} ${textAt(name, "familyName")}`.trim();
  const told = [textAt(document, "displayName"), textAt(name, "formatted"), both, userName];
  return (told.find((one) => one.trim() !== "") ?? userName).trim().slice(0, 200);
}

/** What is kept beside the columns: only what is declared, and only what was said. */
function attributesOf(document: Document): Document {
  const enterprise = said(partsOf(document[enterpriseSchema]));
  const name = said(partsOf(document["name"]));
  const emails = listOf(document["emails"])
    .map(said)
    .filter((one) => textAt(one, "value") !== "");
  if (emails.length > 20) throw new ScimRefusal("tooMany", '"emails" has too many values.');
  return {
    ...said({ displayName: document["displayName"], title: document["title"] }),
    ...(Object.keys(name).length === 0 ? {} : { name }),
    ...(emails.length === 0 ? {} : { emails }),
    ...(Object.keys(enterprise).length === 0 ? {} : { [enterpriseSchema]: enterprise }),
  };
}

function said(parts: Document): Document {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== null && value !== undefined),
  );
}

function textAt(parts: Document, name: string): string {
  const value = parts[name];
  return typeof value === "string" ? value : "";
}

/** The user as a document, for operations to change. */
export function documentOf({ userName, externalId, active, attributes }: UserRow): Document {
  return { ...attributes, userName, externalId, active };
}

/** The user as SCIM shows them. */
export function shownUser(row: UserRow, base: string): Document {
  const { id, userName, externalId, attributes, active, roles, groups } = row;
  const enterprise = attributes[enterpriseSchema] !== undefined;
  return {
    schemas: enterprise ? [userSchema, enterpriseSchema] : [userSchema],
    id,
    ...(externalId === null ? {} : { externalId }),
    userName,
    ...attributes,
    active,
    groups: groups.map(({ value, display }) => ({ value, display, $ref: `${base}/Groups/${value}` })),
    roles: roles.map((value) => ({ value })),
    meta: {
      resourceType: "User",
      created: row.createdAt,
      lastModified: row.updatedAt,
      location: `${base}/Users/${id}`,
      version: `"v${row.version}"`,
    },
  };
}
