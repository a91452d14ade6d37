import { member, ownValues, phone, resource, tags, text, url } from "../../kernel/resource/index.ts";

/** A company that the organization does business with. */
export const account = resource("account", {
  many: "accounts",
  fields: {
    name: text(200).required().search("name"),
    domain: text(253).search("address").label("Domain"),
    phone: phone().search("number"),
    website: url(),
    industry: text(100).filter(),
    ownerId: member().filter().label("Owner"),
    street: text(300),
    city: text(100),
    region: text(100),
    postalCode: text(20).label("Postal code"),
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
  keep: { archivedDays: 30 },
});
