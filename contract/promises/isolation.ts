import { kept, type Chapter } from "./promise.ts";

export const isolation = {
  title: "Tenant isolation",
  promises: {
    "ISO-1": kept(
      "No query reads or writes rows of another tenant, whatever the application's own code does.",
    ),
    "ISO-2": kept(
      "A tenant table cannot be touched without a binding to one tenant; work that is not bound fails closed.",
    ),
    "ISO-3": kept(
      "The tenant follows from the credential, never from a body, a query, a header or an address alone.",
    ),
    "ISO-4": kept("Every unique index, key and reference of a tenant table is scoped to the tenant."),
    "ISO-5": kept(
      "Every endpoint has isolation tests made from its own declaration and run on every build; one without them cannot be registered.",
    ),
    "ISO-6": kept(
      "Whoever holds a door's database password, or runs any SQL as that role, reads no tenant row without a live credential, and with one nothing beyond what it allows.",
    ),
    "ISO-7": kept(
      "A revoked session, key or membership opens nothing from the next request on, and no transaction lives longer than a few seconds.",
    ),
    "ISO-8": kept(
      "The server refuses to start when the tables, policies, grants or functions in the database differ from what is declared, and names the difference.",
    ),
    "ISO-9": kept(
      "An organization has a language, a time zone and a currency of its own, and screens and exports follow them.",
    ),
    "ISO-10": kept(
      "A request holds only the permissions that its route declares: what is injected into a read cannot write, not even for an owner.",
    ),
  },
} as const satisfies Chapter;
