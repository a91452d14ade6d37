import { planned, type Chapter } from "./promise.ts";

export const webhooks = {
  title: "Webhooks",
  promises: {
    "HOOK-1": planned(
      "Outbound webhooks are signed with HMAC-SHA256 and a secret per subscription, which can be rotated with an overlap.",
    ),
    "HOOK-2": planned(
      "An event and the change that caused it commit together; deliveries retry with backoff, keep the order per record, can be replayed, and never reach a private address.",
    ),
    "HOOK-3": planned(
      "Events from a chat workspace are verified by their signature before anything is done with them.",
    ),
    "HOOK-4": planned(
      "Push notifications of a mailbox are verified as OIDC tokens: audience, sender and the sender's verified state.",
    ),
    "HOOK-5": planned(
      "Callbacks of payment, telephony and voice providers are verified by their signatures.",
    ),
  },
} as const satisfies Chapter;
