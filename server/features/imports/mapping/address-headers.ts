export type AddressPart = "street" | "city" | "region" | "postalCode" | "country";

/** A column that holds a part of an address; a contact keeps one address, so parts must come from one group. */
export interface AddressHeader {
  readonly part: AddressPart;
  readonly group: string;
  /** Lower is preferred. */
  readonly rank: number;
}

const partHeaders: Readonly<Record<AddressPart, readonly string[]>> = {
  street: [
    "street",
    "street 1",
    "street 2",
    "street 3",
    "street address",
    "address",
    "line 1",
    "line 2",
    "line 3",
    "road",
    "extended address",
    "house number",
    "street number",
    "strasse",
    "strasse 2",
    "strasse 3",
    "anschrift",
    "adresse",
    "hausnummer",
    "strasse hausnummer",
    "strasse und hausnummer",
    "strasse nr",
    "street road name",
    "address 1",
    "address 2",
    "street line 1",
    "street line 2",
  ],
  city: ["city", "town", "ort", "stadt", "city town", "city town village locality", "locality", "wohnort"],
  region: [
    "state",
    "region",
    "state region",
    "state province",
    "province",
    "county",
    "state county",
    "bundesland",
    "kanton",
    "provinz",
    "state code",
  ],
  postalCode: [
    "zip",
    "zip code",
    "postal code",
    "postcode",
    "zip postal code",
    "plz",
    "postleitzahl",
    "postal",
  ],
  country: ["country", "country region", "land", "staat", "land region", "country code"],
};
const parts = new Map<string, AddressPart>();
for (const part of ["street", "city", "region", "postalCode", "country"] as const) {
  for (const header of partHeaders[part]) parts.set(header, part);
}

const groupRanks: Readonly<Record<string, number>> = {
  "": 0,
  mailing: 0,
  primary: 0,
  postal: 0,
  person: 0,
  contact: 0,
  business: 1,
  work: 1,
  company: 1,
  organization: 1,
  account: 1,
  office: 1,
  geschaeftlich: 1,
  billing: 1,
  home: 3,
  privat: 3,
  private: 3,
  shipping: 4,
  other: 5,
  alternate: 5,
  weitere: 5,
  weiterer: 5,
  weiteres: 5,
};

/** Tells which part of which address a header (in `headerWords`) names, or null. */
export function readAddressHeader(words: string): AddressHeader | null {
  const spoken = words
    .replace(/^(person|contact|organization) /, "")
    .replace(/^(.+) of (.+) address$/, "$2 $1");
  const plain = parts.get(spoken);
  if (plain !== undefined) return { part: plain, group: "", rank: 0 };
  const numbered = /^address (\d) (.+)$/.exec(spoken);
  if (numbered !== null) return inGroup(`address ${numbered[1]}`, Number(numbered[1]), numbered[2]);
  const [first = "", ...rest] = spoken.replace(/ address(?= )/, "").split(" ");
  if (Object.hasOwn(groupRanks, first))
    return inGroup(first, groupRanks[first] ?? 0, rest.join(" ") || "address");
  const german = /^(.+?) (geschaeftlich|privat|weiterer?s?)( \d)?$/.exec(spoken);
  return german === null ? null : inGroup(german[2] ?? "", groupRanks[german[2] ?? ""] ?? 5, german[1]);
}

function inGroup(group: string, rank: number, words = ""): AddressHeader | null {
  const part = parts.get(words) ?? parts.get(words.replace(/^address /, ""));
  return part === undefined ? null : { part, group, rank };
}
