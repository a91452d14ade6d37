import { kept, planned, type Chapter } from "./promise.ts";

export const audit = {
  title: "Audit trail",
  promises: {
    "AUD-1": kept(
      "Every change to every record writes an audit row in the same transaction, bulk edits, cascades and raw SQL included.",
    ),
    "AUD-2": kept(
      "An audit row says who, what, when, from which address, device and session, how severe it is, and the old and new values of what changed, with sealed fields left out.",
    ),
    "AUD-3": planned(
      "Sign-ins and failures, sign-outs, changes of permissions, views of sensitive records, exports and uses of secrets are audited.",
      "views alone are left; no kind of record can be declared sensitive yet (AUD-10)",
    ),
    "AUD-4": kept("The trail is append-only: the application can neither change nor remove what is in it."),
    "AUD-5": planned(
      "Owners and admins can filter the trail and export it as CSV, safe to open in a spreadsheet, or as JSON lines; nobody else can.",
    ),
    "AUD-6": planned("The trail is kept for 90 days by default and for a year or longer by policy."),
    "AUD-7": kept(
      "What a platform administrator does or looks at inside an organization stands in that organization's own trail.",
    ),
    "AUD-8": planned(
      "The trail is tamper-evident: a hash tree per tenant with signed checkpoints, which anybody can verify offline.",
    ),
    "AUD-9": planned("The trail can be streamed to a security monitoring system without loss."),
    "AUD-10": planned("Views, exports and changes of settings can all be logged."),
    "AUD-11": kept(
      "An audit row carries the id and e-mail of who acted, the type and id of what was touched, and the tenant; what is above the ordinary has an index of its own.",
    ),
  },
} as const satisfies Chapter;
