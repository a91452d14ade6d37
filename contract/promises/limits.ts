import { kept, planned, type Chapter } from "./promise.ts";

export const limits = {
  title: "Limits and input",
  promises: {
    "LIM-1": kept(
      "Requests are limited per person, address, token and tenant, exactly at the limit under parallel load; refusals say when to try again, and every limit is a setting.",
    ),
    "LIM-2": kept(
      "Limits are shared between nodes through Redis or Valkey, exactly at the limit; without one each process counts for itself, and what happens while it is down is a setting.",
    ),
    "LIM-3": planned(
      "Event payloads, properties, names and addresses have strict bounds and are checked before anything is stored.",
    ),
    "LIM-4": planned("Malicious payloads are refused and kept, redacted, for a security review."),
    "LIM-5": kept(
      "Bursts of sign-ins, imports, exports, bulk edits and sending are limited per person or address.",
    ),
    "LIM-6": kept(
      "Paths, methods and fields that are not declared are refused; attackers are blocked for a while by themselves, and the rules can be exported to an edge.",
    ),
    "LIM-7": planned(
      "The origin can be told to take traffic from configured proxies only, and sheds floods before it looks at credentials.",
    ),
  },
} as const satisfies Chapter;
