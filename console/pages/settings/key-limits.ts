import { nowMs } from "../../format/clock.ts";

/** After how many days a key runs out; nothing for never. */
export const lifetimes = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is ended" },
] as const;

/** For how many seconds a key goes on beside the one that takes its place. */
export const overlaps = [
  { value: "0", label: "Not at all: it ends now" },
  { value: "900", label: "15 minutes" },
  { value: "3600", label: "An hour" },
  { value: "21600", label: "6 hours" },
  { value: "86400", label: "A day" },
] as const;

/** The networks that were typed, one after another; null for any. */
export function networksIn(text: string): string[] | null {
  const networks = text.split(/[\s,]+/u).filter((network) => network !== "");
  return networks.length === 0 ? null : networks;
}

/** When a key ends that lives so many days; null for never. */
export function endOf(days: string): string | null {
  return days === "" ? null : new Date(nowMs() + Number(days) * 86_400_000).toISOString();
}
