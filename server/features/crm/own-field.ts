import { oneOf, resource, tags, text } from "../../kernel/resource/index.ts";

/** A field that the organization declared itself, for contacts or accounts. */
export const ownField = resource("own_field", {
  many: "fields",
  fields: {
    of: oneOf("contact", "account").filter(),
    key: text(41).required(),
    label: text(100).required(),
    type: oneOf("text", "number", "date", "boolean", "choice"),
    options: tags(100),
  },
  sortBy: ["label"],
  can: { viewer: "read", admin: "all" },
  keep: { archivedDays: 30 },
});
