import { planned, type Chapter } from "./promise.ts";

export const calling = {
  title: "Calling",
  promises: {
    "CALL-1": planned("A lead without evidence of consent never enters a queue."),
    "CALL-2": planned(
      "Numbers are checked against the do-not-call lists at intake and again before a call when the check is older than 31 days; without a provider, dialling pauses or needs an audited acknowledgement.",
    ),
    "CALL-3": planned(
      "Calls are placed between 8 am and 9 pm in the lead's own time, within the campaign's hours and under the stricter rules of the place; an unknown time zone means no call.",
    ),
    "CALL-4": planned(
      "A stop takes effect at once and for ever, at intake and before every call: none is placed after a stop was acknowledged.",
    ),
    "CALL-5": planned(
      "Configuration, acknowledgements and every decision are audited, with signed evidence for each call.",
    ),
    "CALL-6": planned(
      "Several voice and telephony providers can be used with the tenant's own credentials, and no lead is dialled twice by mistake.",
    ),
    "CALL-7": planned("Recordings and transcripts fall under retention, export and deletion."),
    "CALL-8": planned("A wish not to be called is understood from speech, keypress, web, API and staff."),
    "CALL-9": planned(
      "A failure of the checks for consent, lists, time or suppression first pauses the dialling that depends on it, and then opens an incident.",
    ),
    "CALL-10": planned(
      "Recordings and transcripts can be reviewed for quality, and each playback is audited.",
    ),
  },
} as const satisfies Chapter;
