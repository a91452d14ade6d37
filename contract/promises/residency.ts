import { planned, type Chapter } from "./promise.ts";

export const residency = {
  title: "Where data lives",
  promises: {
    "RES-1": planned(
      "An organization chooses its region when it signs up, and every row, file, key, log line and job of it stays in that region.",
    ),
    "RES-2": planned(
      "The region of an organization does not change afterwards, except by an explicit and audited act of an operator.",
    ),
    "RES-3": planned(
      "What all regions share holds no customer data: only a directory of hashed routing keys.",
    ),
    "RES-4": planned(
      "A request that reaches the wrong region is told where to go, and leaves no row behind.",
    ),
    "RES-5": planned(
      "An organization can be exported, imported or moved to another cell in one act, and the old copy dies with its key.",
    ),
    "RES-6": planned(
      "No customer or visitor data goes to anybody else unless the organization asks for it; every outbound destination names its region and purpose, and none is there by default.",
    ),
    "RES-7": planned("An organization may have a cell to itself."),
  },
} as const satisfies Chapter;
