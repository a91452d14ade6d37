import { kept, planned, type Chapter } from "./promise.ts";

export const operations = {
  title: "Operations",
  promises: {
    "OPS-1": planned(
      "The database log is archived continuously, a full backup is made daily, any moment of 30 days can be restored, and a drill measures how long that takes and what is lost.",
    ),
    "OPS-2": planned(
      "Health and readiness are told, shutdown is graceful, and deploys and migrations lose no request.",
    ),
    "OPS-3": planned(
      "Errors are reported without personal data, and logs are structured and free of passwords, tokens, codes, card data and certificates at any depth.",
    ),
    "OPS-4": planned("Metrics and traces are offered in open formats."),
    "OPS-5": planned("A standby takes over by itself within 60 seconds, across zones."),
    "OPS-6": planned(
      "Backups are kept at two sites within the region; restore drills are scheduled, and overdue ones raise an alarm.",
    ),
    "OPS-7": planned("Central logs are kept for 90 days."),
    "OPS-8": planned("A cache or queue that is public or takes no password is refused."),
    "OPS-9": planned("Errors can be sent to several common error trackers, scrubbed for each."),
    "OPS-10": planned(
      "Statistics about the use of the product are off by default, allow-listed by field, and never hold customer data.",
    ),
    "OPS-11": planned(
      "People sign up and cancel by themselves, pay on a hosted checkout, and get the same security on every plan.",
    ),
    "OPS-12": kept("From the README to an imported contact takes five minutes."),
  },
} as const satisfies Chapter;
