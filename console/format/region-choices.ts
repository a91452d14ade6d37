import { wordsIn, type Region } from "./formats.ts";

interface Choice {
  readonly value: string;
  readonly label: string;
}

const locales = [
  "en-GB", "en-US", "en-IE", "de-AT", "de-DE", "de-CH", "fr-FR", "fr-CH", "it-IT", "es-ES", "es-MX", "pt-PT", "pt-BR",
  "nl-NL", "nl-BE", "da-DK", "sv-SE", "nb-NO", "fi-FI", "pl-PL", "cs-CZ", "sk-SK", "hu-HU", "sl-SI", "hr-HR", "ro-RO",
  "bg-BG", "el-GR", "tr-TR", "uk-UA", "ja-JP", "ko-KR", "zh-CN", "zh-TW", "hi-IN", "id-ID", "th-TH", "vi-VN",
] as const; // prettier-ignore

const currencyOf: Readonly<Record<string, string>> = {
  US: "USD", GB: "GBP", CH: "CHF", JP: "JPY", DK: "DKK", SE: "SEK", NO: "NOK", PL: "PLN", CZ: "CZK", HU: "HUF",
  RO: "RON", BG: "EUR", TR: "TRY", UA: "UAH", KR: "KRW", CN: "CNY", TW: "TWD", IN: "INR", ID: "IDR", TH: "THB",
  VN: "VND", BR: "BRL", MX: "MXN", CA: "CAD", AU: "AUD", NZ: "NZD",
}; // prettier-ignore

/** What this browser suggests for a new organization: its language, its zone, and the currency of its country. */
export function suggestedRegion(language: string, timeZone: string): Region {
  const locale = known(language);
  const country = locale.split("-")[1] ?? "";
  return { locale, timeZone: timeZone === "" ? "UTC" : timeZone, currency: currencyOf[country] ?? "EUR" };
}

/** The languages that dates and numbers can be written in, each named in itself. */
export function localeChoices(): readonly Choice[] {
  return locales.map((value) => ({
    value,
    label: new Intl.DisplayNames(value, { type: "language" }).of(value) ?? value,
  }));
}

/** Every time zone that this browser knows. */
export function timeZoneChoices(): readonly Choice[] {
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
  return zones.map((value) => ({ value, label: value.replaceAll("_", " ") }));
}

/** Every currency that this browser knows. */
export function currencyChoices(): readonly Choice[] {
  const names = new Intl.DisplayNames(wordsIn, { type: "currency" });
  return Intl.supportedValuesOf("currency").map((value) => ({
    value,
    label: `${value}, ${names.of(value) ?? value}`,
  }));
}

/** The choices with the present value among them, even if this browser would not offer it. */
export function withPresent(choices: readonly Choice[], value: string): Choice[] {
  const missing = value !== "" && !choices.some((choice) => choice.value === value);
  return missing ? [{ value, label: value }, ...choices] : [...choices];
}

function known(language: string): string {
  const exact = locales.find((locale) => locale === language);
  const sameTongue = locales.find((locale) => locale.startsWith(`${language.split("-")[0] ?? ""}-`));
  return exact ?? sameTongue ?? "en-GB";
}
