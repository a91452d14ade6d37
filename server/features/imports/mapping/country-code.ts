import { hasNumberingPlan, type PhoneCountry } from "../../crm/phone/index.ts";
import { headerWords } from "./header-words.ts";

const languages = ["en", "de", "fr", "es", "it"];
const spoken: Readonly<Record<string, string>> = {
  usa: "US",
  uk: "GB",
  england: "GB",
  holland: "NL",
  brd: "DE",
  "u s": "US",
};
let names: Map<string, PhoneCountry> | null = null;

/** The ISO 3166 code of a country that is written as a code or by name in one of five languages; else null. */
export function countryCode(country: string): PhoneCountry | null {
  const code = country.toUpperCase();
  if (hasNumberingPlan(code)) return code;
  names ??= readNames();
  return names.get(headerWords(country)) ?? null;
}

function readNames(): Map<string, PhoneCountry> {
  const found = new Map<string, PhoneCountry>();
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  for (const language of languages) {
    const display = new Intl.DisplayNames([language], { type: "region", fallback: "none" });
    for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
      const name = hasNumberingPlan(code) ? display.of(code) : undefined;
      if (name !== undefined && hasNumberingPlan(code)) found.set(headerWords(name), code);
    }
  }
  for (const [name, code] of Object.entries(spoken)) if (hasNumberingPlan(code)) found.set(name, code);
  return found;
}
