import type { ResourceDoors } from "../../http/index.ts";
import { account } from "./account.ts";
import { contact } from "./contact.ts";
import { ownField } from "./own-field.ts";
import { prepareRecord } from "./prepare-record.ts";

export { account, contact, ownField };
export { countryOf } from "./with-phones.ts";

/** The resources of this room, with how their doors keep what they are given. */
export const crmDoors: readonly ResourceDoors[] = [
  { resource: account, prepare: prepareRecord(account), prepareNeeds: ["own_field.read"] },
  { resource: contact, prepare: prepareRecord(contact), prepareNeeds: ["own_field.read"] },
  { resource: ownField },
];
