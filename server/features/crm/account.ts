import { member, ownValues, phone, resource, tags, text, url } from "../../kernel/resource/index.ts";

/** A company that the organization does business with. */
export const account = resource("account", {
  many: "accounts",
  fields: {
    name: text(300).required().search("name"),
    domain: text(253).search("address").label("Domain"),
    phone: phone().search("number"),
    website: url(),
    industry: text(200).filter(),
    ownerId: member().filter().label("Owner"),
    street: text(500),
    city: text(200),
    region: text(200),
    postalCode: text(30).label("Postal code"),
    country: text(100).filter(),
    tags: tags(),
    notes: text(20_000),
    externalId: text(200).label("External id"),
    custom: ownValues(),
  },
  unique: ["domain", "externalId"],
  sortBy: ["name"],
  can: {
    viewer: "read",
    member: ["create", "change"],
    manager: ["archive", "export"],
    admin: "all",
  },
  // No role of the product; organizations may make roles that change only what is their holder's.
  own: { field: "ownerId", roles: [] },
  keep: { archivedDays: 30 },
});
