import { kept, planned, type Chapter } from "./promise.ts";

export const crm = {
  title: "Customers",
  promises: {
    "CRM-1": planned(
      "Contacts, accounts, deals and pipelines, activities, notes, tasks, tags, custom fields, saved views, search and bulk edit.",
    ),
    "CRM-2": kept(
      "A CSV file of a million rows can be imported with mapping, dry run, duplicate rules, progress and undo.",
    ),
    "CRM-3": planned(
      "Sequences of mails wait, keep to windows and limits, stop on a reply, bounce or unsubscribe, and carry one-click unsubscribe.",
    ),
    "CRM-4": planned(
      "Mailboxes are connected by IMAP and SMTP with sealed passwords, and by the events of mail and chat services.",
    ),
    "CRM-5": planned(
      "Duplicates can be merged and the merge undone; the history of each value comes from the audit trail.",
    ),
  },
} as const satisfies Chapter;
