import { planned, type Chapter } from "./promise.ts";

export const trust = {
  title: "Trust",
  promises: {
    "TRUST-1": planned(
      "A public page shows the status of each component, its history, incidents and maintenance, and can be subscribed to.",
    ),
    "TRUST-2": planned(
      "Incidents have a severity, are contained first, are told to the affected organizations within 72 hours, and end with a written account.",
    ),
    "TRUST-3": planned(
      "Access policy, quarterly access reviews, a list of vendors, an off-boarding checklist and an export of evidence are part of the product.",
    ),
    "TRUST-4": planned(
      "There is a security.txt and a form for reports, with deadlines for the answer and the fix.",
    ),
    "TRUST-5": planned(
      "A trust page shows for each promise when it was last proven on this very installation, by safe probes whose result is signed.",
    ),
    "TRUST-6": planned(
      "Availability of 99.9 % is measured from outside, and credits follow from what was measured.",
    ),
    "TRUST-7": planned(
      "Incidents run against clocks: triage, containment, recovery, disclosure, notice, and the published account.",
    ),
    "TRUST-8": planned(
      "Reports of vulnerabilities are acknowledged in 24 hours, judged in 7 days, and fixed in 72 hours when critical and 30 days otherwise, with credit to the finder.",
    ),
    "TRUST-9": planned(
      "The data processing agreement follows from promises and vendors, has versions, can be accepted and adapted, and changes of subprocessors are announced.",
    ),
    "TRUST-10": planned(
      "Risks, training and vetting are recorded, and a package of documents is there on request.",
    ),
    "TRUST-11": planned(
      "Builds stop at vulnerable dependencies and at changes that nobody reviewed, and penetration tests are on record.",
    ),
  },
} as const satisfies Chapter;
