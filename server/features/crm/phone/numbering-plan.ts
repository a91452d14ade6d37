import {
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  type CountryCode,
} from "libphonenumber-js/min";

/** What is needed of a country's numbering plan to judge a number, with its patterns compiled once. */
export interface NumberingPlan {
  readonly callingCode: string;
  readonly pattern: RegExp;
  readonly lengths: readonly number[];
  /** Null where the plan tells no kinds apart; else a number is in use only when one of them matches. */
  readonly kinds: readonly RegExp[] | null;
  readonly internationalPrefix: RegExp;
  readonly nationalPrefix: string | null;
  /** Matches a trunk prefix, and sometimes a carrier code, at the start of a number. */
  readonly prefix: RegExp | null;
}

/** The part of the library's plan that its types leave out; its METADATA.md describes each of these. */
interface FullPlan {
  IDDPrefix(): string;
  possibleLengths(): number[];
  nationalNumberPattern(): string;
  nationalPrefix(): string | undefined;
  nationalPrefixForParsing(): string | undefined;
  hasTypes(): boolean;
  type(name: string): { pattern(): string | undefined; possibleLengths(): number[] | undefined } | undefined;
}

const kindNames = [
  "FIXED_LINE",
  "MOBILE",
  "PREMIUM_RATE",
  "TOLL_FREE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL",
];
const plans = new Map<string, NumberingPlan>();
const callingCodes = new Set<string>(getCountries().map((country) => getCountryCallingCode(country)));

/** The plan of a country, or of a calling code's main country; null when there is none. */
export function numberingPlan(countryOrCallingCode: string): NumberingPlan | null {
  const known = plans.get(countryOrCallingCode);
  if (known !== undefined) return known;
  if (!isSupportedCountry(countryOrCallingCode) && !callingCodes.has(countryOrCallingCode)) return null;
  const plan = readPlan(countryOrCallingCode);
  plans.set(countryOrCallingCode, plan);
  return plan;
}

/** The plan to whose calling code international digits belong; no calling code begins with another. */
export function planOfDigits(digits: string): NumberingPlan | null {
  for (let length = 1; length <= 3; length++) {
    const callingCode = digits.slice(0, length);
    if (callingCodes.has(callingCode)) return numberingPlan(callingCode);
  }
  return null;
}

function readPlan(name: string): NumberingPlan {
  const metadata = new Metadata();
  // Selecting takes calling codes too, though its type names countries only.
  metadata.selectNumberingPlan(name as CountryCode);
  // The methods exist on every plan; the library's types list only four of them.
  const plan = metadata.numberingPlan as unknown as FullPlan;
  const prefix = plan.nationalPrefixForParsing();
  return {
    callingCode: isSupportedCountry(name) ? getCountryCallingCode(name) : name,
    pattern: whole(plan.nationalNumberPattern()),
    lengths: plan.possibleLengths(),
    kinds: plan.hasTypes() ? readKinds(plan) : null,
    internationalPrefix: new RegExp(`^(?:${plan.IDDPrefix()})`),
    nationalPrefix: plan.nationalPrefix() ?? null,
    prefix: prefix === undefined || prefix === "" ? null : new RegExp(`^(?:${prefix})`),
  };
}

/** Lengths that only one kind allows become part of its pattern. */
function readKinds(plan: FullPlan): RegExp[] {
  return kindNames.flatMap((name) => {
    const kind = plan.type(name);
    const pattern = kind?.pattern() ?? "";
    if (kind === undefined || pattern === "") return [];
    const lengths = kind.possibleLengths();
    return [
      lengths === undefined
        ? whole(pattern)
        : whole(`(?=(?:${lengths.map((n) => `\\d{${n}}`).join("|")})$)(?:${pattern})`),
    ];
  });
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
