const header = [
  "Salutation",
  "First Name",
  "Last Name",
  "Title",
  "Account Name",
  "Mailing Street",
  "Mailing City",
  "Mailing State/Province",
  "Mailing Zip/Postal Code",
  "Mailing Country",
  "Phone",
  "Mobile",
  "Fax",
  "Email",
  "Contact Owner",
  "Lead Source",
  "Birthdate",
  "Description",
  "Email Opt Out",
  "Do Not Call",
  "Contact ID",
  "Created Date",
  "Last Modified Date",
];

const firstNames = [
  "Katherine",
  "Dorothy",
  "Mary",
  "Annie",
  "Émilie",
  "Sofja",
  "Rózsa",
  "Jürgen",
  "Mae",
  "Chien-Shiung",
];
const lastNames = [
  "Johnson",
  "Vaughan",
  "Jackson",
  "Easley",
  "du Châtelet",
  "Kowalewskaja",
  "Péter",
  "Müller",
  "Jemison",
  "Wu",
];
const companies = ["Langley Research", "Flight & Guidance, Inc.", "Muster GmbH", "Cirey"];

/** A report of contacts as Salesforce exports it: every cell in quotes, notes over several lines, one address that is none. */
export function salesforceExport(rows: number): Buffer {
  const lines = [header, ...Array.from({ length: rows }, (_, index) => contactRow(index, rows))];
  const text = lines
    .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(","))
    .join("\r\n");
  return Buffer.from(`${text}\r\n`, "utf8");
}

function contactRow(index: number, rows: number): string[] {
  const number = String(index).padStart(5, "0");
  const pick = (list: readonly string[], step: number): string =>
    list[Math.floor(index / step) % list.length] ?? "";
  return [
    index % 2 === 0 ? "Ms." : "Dr.",
    pick(firstNames, 1),
    `${pick(lastNames, 10)} ${number}`,
    'Engineer, "Flight"',
    pick(companies, 3),
    "100 NASA Drive\nBuilding 1244",
    "Hampton",
    "VA",
    "23666",
    "United States",
    `(757) 555-${number.slice(1)}`,
    "",
    "",
    index === rows - 1 ? "not an address" : `contact${number}@langley.example`,
    "Vera Molnár",
    "Trade Show",
    "8/26/1918",
    "Checks the numbers.\nThen checks them again.",
    index % 10 === 0 ? "1" : "0",
    index % 25 === 0 ? "1" : "0",
    `0035g00000${number}AAA`,
    "1/31/2024",
    "12/1/2025",
  ];
}
