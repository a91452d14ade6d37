import { kept, planned, type Chapter } from "./promise.ts";

export const lifecycle = {
  title: "Lifecycle and privacy",
  promises: {
    "LIFE-1": kept("What is archived can be restored for 30 days and is then deleted for good by a job."),
    "LIFE-2": planned("After the final deletion nothing of it can be read from any backup."),
    "LIFE-3": planned(
      "An organization may set its own retention for each kind of data, and may put records under a legal hold.",
    ),
    "LIFE-4": planned(
      "All data of one person can be exported and deleted, recordings and transcripts included.",
    ),
    "LIFE-5": planned(
      "An organization can export everything at any time, by itself, as a stream that can be resumed.",
    ),
    "LIFE-6": planned(
      "Consent is an append-only ledger from which the present state follows, shared by mail and calls.",
    ),
    "LIFE-7": planned(
      "Backups are never kept longer than the archive, so that nothing outlives its final deletion.",
    ),
    "LIFE-8": planned("Should the service end, it says so 90 days ahead and keeps exports open."),
    "LIFE-9": planned(
      "Requests of data subjects (access, correction, restriction, objection, erasure, portability) are handled, each against its deadline.",
    ),
  },
} as const satisfies Chapter;
