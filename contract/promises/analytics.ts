import { planned, type Chapter } from "./promise.ts";

export const analytics = {
  title: "Analytics",
  promises: {
    "ANA-1": planned("Page views, custom events with properties, sessions, and revenue with its source."),
    "ANA-2": planned(
      "No cookies and no storage on the visitor's device: address and browser are hashed at once with a salt that is soon destroyed, and no personal data is stored.",
    ),
    "ANA-3": planned(
      "History is partitioned by time, summed up as it arrives, compressed, and can be queried as long as the account lives.",
    ),
    "ANA-4": planned("The dashboard shows an event within seconds of its arrival."),
    "ANA-5": planned("Bots are detected and left out, and that can be undone."),
    "ANA-6": planned(
      "An event that was acknowledged is committed: none is lost or doubled, not even when the process is killed.",
    ),
    "ANA-7": planned(
      "Goals, funnels, channels, campaigns, a live view, shared links, imports, reports by mail and a public API for statistics.",
    ),
    "ANA-8": planned("The age at which history is compressed is a setting, 90 days at most."),
    "ANA-9": planned(
      "No fingerprinting in the browser; salts die within 48 hours; a visitor's address stands in no limiter key, log or quarantine.",
    ),
    "ANA-10": planned("The script is static, has a published hash, and can be served from any cache."),
  },
} as const satisfies Chapter;
