import fc from "fast-check";
import { expect, test } from "vitest";
import {
  contactImportFields,
  type ColumnMapping,
  type ContactDraft,
  type CustomFieldTarget,
} from "../../../../contract/import.ts";
import { accountNormaliser } from "./normalise-account.ts";
import { contactNormaliser } from "./normalise-contact.ts";
import { dateOrderOf, type ImportDefaults } from "./import-defaults.ts";

const custom: readonly CustomFieldTarget[] = [
  { key: "size", label: "Size", type: "number" },
  { key: "since", label: "Since", type: "date" },
  { key: "vip", label: "VIP", type: "boolean" },
  { key: "tier", label: "Tier", type: "choice", choices: ["Gold", "Silver"] },
  { key: "memo", label: "Memo", type: "text" },
];
const defaults: ImportDefaults = {
  country: "AT",
  dateOrder: "dmy",
  locale: "de-AT",
  stages: [
    { value: "lead" },
    { value: "open" },
    { value: "customer", alsoWritten: ["Stammkunde"] },
    { value: "former" },
  ],
  custom,
};

/** Reads one row, given as field and cell, of which a field may occur more than once. */
function read(cells: readonly (readonly [string, string])[], given = defaults) {
  const mapping = cells.map(([field], column) => ({ column, field, confidence: 1 }) as ColumnMapping);
  return contactNormaliser(mapping, given)(cells.map(([, cell]) => cell));
}

function recordOf(cells: readonly (readonly [string, string])[], given = defaults): ContactDraft {
  return read(cells, given).record;
}

function faultsOf(cells: readonly (readonly [string, string])[], given = defaults): string[] {
  return read(cells, given).faults.map(
    ({ severity, code, column }) => `${severity} ${code} ${String(column)}`,
  );
}

const anna = ["firstName", "Anna"] as const;

test("a whole contact", () => {
  const mapping = Object.keys(contactImportFields).map(
    (field, column) => ({ column, field, confidence: 1 }) as ColumnMapping,
  );
  const cells: Record<keyof typeof contactImportFields, string> = {
    firstName: " Anna\u00a0 Maria ",
    lastName: "Hu\u0308bner",
    fullName: "ignored",
    email: "Anna.H@Example.AT",
    otherEmails: "a@home.at; ANNA.H@example.at",
    phone: "0664 6312345",
    otherPhones: "+43 1 5131234",
    title: "CTO",
    account: "Müller & Söhne GmbH",
    accountDomain: "https://www.Müller.example/kontakt",
    owner: "Rep@Seller.example",
    stage: "Kunde",
    source: "Fair",
    street: "Ring 1\r\nTop 2",
    city: "Wien",
    region: "",
    postalCode: "1010",
    country: "Österreich",
    tags: "VIP; fair, vip ::: * myContacts",
    notes: "one\r\ntwo",
    website: "example.at",
    birthday: "3.4.1985",
    externalId: "0031",
    emailOptOut: "true",
    doNotCall: "nein",
  };
  const { record, faults } = contactNormaliser(mapping, defaults)(Object.values(cells));
  expect(faults).toEqual([]);
  expect(record).toEqual({
    firstName: "Anna Maria",
    lastName: "Hübner",
    email: { address: "Anna.H@example.at", match: "anna.h@example.at", kind: null },
    otherEmails: [{ address: "a@home.at", match: "a@home.at", kind: null }],
    phone: { e164: "+436646312345", extension: null, raw: "0664 6312345", kind: null },
    otherPhones: [{ e164: "+4315131234", extension: null, raw: "+43 1 5131234", kind: null }],
    title: "CTO",
    account: "Müller & Söhne GmbH",
    accountDomain: "xn--mller-kva.example",
    owner: "rep@seller.example",
    stage: "customer",
    source: "Fair",
    street: "Ring 1\nTop 2",
    city: "Wien",
    region: null,
    postalCode: "1010",
    country: "Österreich",
    countryCode: "AT",
    tags: ["VIP", "fair"],
    notes: "one\ntwo",
    website: "https://example.at",
    birthday: "1985-04-03",
    externalId: "0031",
    emailOptOut: true,
    doNotCall: false,
    custom: {},
  });
});

test.each([
  ["anna@example.at", "anna@example.at"],
  ["mailto:Anna@Example.at", "anna@example.at"],
  ["Anna Huber <anna@example.at>", "anna@example.at"],
  ["anna+list@sub.example.co.uk", "anna+list@sub.example.co.uk"],
  ["o'brien@example.ie", "o'brien@example.ie"],
  ["jürgen@müller.example", "jürgen@xn--mller-kva.example"],
  ["'anna@example.at", "anna@example.at"],
])("the e-mail address %s is matched as %s", (cell, match) => {
  expect(recordOf([["email", cell]]).email?.match).toBe(match);
});

test.each([
  "anna",
  "anna@",
  "@example.at",
  "anna@example",
  "anna@@example.at",
  "anna@exa mple.at ",
  ".anna@example.at",
  "anna.@example.at",
  "an..na@example.at",
  "anna@-example.at",
  "anna@example..at",
  "anna@127.0.0.1",
  `${"a".repeat(65)}@example.at`,
  `anna@${"a".repeat(250)}.at`,
  "anna(at)example.at",
])("%s is no e-mail address, which keeps the row out", (cell) => {
  expect(faultsOf([anna, ["email", cell]])[0]).toBe("error email-not-valid 1");
});

test("other addresses that are not valid are left out with a warning", () => {
  const cells = [
    ["email", "a@x.at"],
    ["otherEmails", "b@x.at nonsense"],
  ] as const;
  expect(faultsOf(cells)).toEqual(["warning other-email-not-valid 1"]);
  expect(recordOf(cells).otherEmails.map(({ match }) => match)).toEqual(["b@x.at"]);
});

test("without a main address or number the first other one is it; a fax never", () => {
  const mapping: ColumnMapping[] = [
    { column: 0, field: "email", confidence: 1 },
    { column: 1, field: "otherEmails", kind: "home", confidence: 1 },
    { column: 2, field: "otherPhones", kind: "fax", confidence: 1 },
    { column: 3, field: "otherPhones", kind: "mobile", confidence: 1 },
  ];
  const { record } = contactNormaliser(mapping, defaults)(["", "a@home.at", "+43 1 5131234", "0664 6312345"]);
  expect(record.email).toMatchObject({ match: "a@home.at", kind: "home" });
  expect(record.phone).toMatchObject({ e164: "+436646312345", kind: "mobile" });
  expect(record.otherPhones).toMatchObject([{ e164: "+4315131234", kind: "fax" }]);
});

test("kinds come from the column beside, several values from one cell", () => {
  const mapping: ColumnMapping[] = [
    { column: 1, field: "email", kindColumn: 0, confidence: 1 },
    { column: 3, field: "phone", kindColumn: 2, confidence: 1 },
  ];
  const { record } = contactNormaliser(
    mapping,
    defaults,
  )(["* Work", "a@x.at ::: b@x.at", "Mobile", "+43 664 6312345 ::: +43 664 6312346"]);
  expect(record.email).toEqual({ address: "a@x.at", match: "a@x.at", kind: "work" });
  expect(record.otherEmails).toMatchObject([{ match: "b@x.at", kind: "work" }]);
  expect(record.phone?.kind).toBe("mobile");
  expect(record.otherPhones).toMatchObject([{ e164: "+436646312346" }]);
});

test("phone numbers are dialled in the row's country, else in the organization's", () => {
  expect(
    recordOf([
      ["phone", "(512) 555-0100"],
      ["country", "United States"],
    ]).phone?.e164,
  ).toBe("+15125550100");
  expect(
    recordOf([
      ["phone", "0664 6312345"],
      ["country", "?"],
    ]).phone?.e164,
  ).toBe("+436646312345");
  expect(recordOf([["phone", "'+43 664 6312345"]]).phone).toMatchObject({
    e164: "+436646312345",
    raw: "+43 664 6312345",
  });
});

test("a number that cannot be read is kept as it is", () => {
  expect(recordOf([["phone", "ask Ben"]]).phone).toEqual({
    e164: null,
    extension: null,
    raw: "ask Ben",
    kind: null,
  });
  expect(faultsOf([["phone", "ask Ben"]])).toEqual(["warning phone-not-read 0"]);
  expect(faultsOf([["phone", "+1 512 155 0100"]])).toEqual(["warning phone-unusual 0"]);
  expect(faultsOf([anna, ["phone", "n/a"], ["email", "-"]])).toEqual([]);
});

test.each([
  ["Anna Huber", "Anna", "Huber"],
  ["Huber, Anna", "Anna", "Huber"],
  ["Frau Dr. Anna Maria Huber", "Dr. Anna Maria", "Huber"],
  ["Ludwig van Beethoven", "Ludwig", "van Beethoven"],
  ["Ursula von der Leyen", "Ursula", "von der Leyen"],
  ["John Smith Jr.", "John", "Smith Jr."],
  ["Cher", "Cher", null],
])("the name %s is split into %s and %s", (name, firstName, lastName) => {
  expect(recordOf([["fullName", name]])).toMatchObject({ firstName, lastName });
});

test.each([
  ["1985-04-03", "dmy", "1985-04-03"],
  ["1985-04-03T00:00:00Z", "dmy", "1985-04-03"],
  ["19850403", "dmy", "1985-04-03"],
  ["3.4.1985", "mdy", "1985-04-03"],
  ["3/4/1985", "dmy", "1985-04-03"],
  ["3/4/1985", "mdy", "1985-03-04"],
  ["13/4/1985", "mdy", "1985-04-13"],
  ["4/13/1985", "dmy", "1985-04-13"],
  ["3-4-85", "dmy", "1985-04-03"],
  ["3. März 1985", "dmy", "1985-03-03"],
  ["Mar 3, 1985", "dmy", "1985-03-03"],
  ["3 Jänner 1985", "dmy", "1985-01-03"],
  ["--04-03", "dmy", "--04-03"],
  ["29.2.2024", "dmy", "2024-02-29"],
  ["29.2.2023", "dmy", null],
  ["31.4.2024", "dmy", null],
  ["soon", "dmy", null],
  ["0/0/00", "dmy", null],
] as const)("the date %s (%s) is %s", (cell, dateOrder, birthday) => {
  expect(recordOf([anna, ["birthday", cell]], { ...defaults, dateOrder }).birthday).toBe(birthday);
});

test.each([
  ["1.234,5", "de", 1234.5],
  ["1,234.5", "de", 1234.5],
  ["1.234", "de", 1234],
  ["1.5", "de", 1.5],
  ["1,5", "de", 1.5],
  ["1,234", "en", 1234],
  ["1.234", "en", 1.234],
  ["-3", "de", -3],
  ["(3)", "en", -3],
  ["€ 1'000.50", "de-CH", 1000.5],
  ["1.234.567", "de", 1_234_567],
  ["1e3", "en", 1000],
  ["1,2,3", "en", null],
  ["12 %", "en", null],
  ["9007199254740993", "en", null],
  ["1e999", "en", null],
])("the number %s (%s) is %s", (cell, locale, size) => {
  expect(recordOf([anna, ["custom:size", cell]], { ...defaults, locale }).custom["size"] ?? null).toBe(size);
});

test("custom fields by their types", () => {
  const record = recordOf([
    anna,
    ["custom:since", "1.2.2020"],
    ["custom:vip", "Ja"],
    ["custom:tier", "GOLD"],
    ["custom:memo", " x "],
  ]);
  expect(record.custom).toEqual({ since: "2020-02-01", vip: true, tier: "Gold", memo: "x" });
  expect(
    faultsOf([
      anna,
      ["custom:since", "x1"],
      ["custom:vip", "perhaps"],
      ["custom:tier", "Tin"],
      ["custom:size", "big"],
    ]),
  ).toEqual([
    "warning date-not-read 1",
    "warning yes-no-not-read 2",
    "warning choice-not-known 3",
    "warning number-not-read 4",
  ]);
  expect(() => read([["custom:gone", "x"]])).toThrow(RangeError);
});

test.each([
  ["Lead", "lead"],
  ["Marketing Qualified Lead", "lead"],
  ["opportunity", "open"],
  ["STAMMKUNDE", "customer"],
  ["former customer", "former"],
  ["Alien", null],
])("the stage %s is %s", (cell, stage) => {
  expect(recordOf([anna, ["stage", cell]]).stage).toBe(stage);
});

test("an opt-out that cannot be read counts as one, and any of several columns suffices", () => {
  expect(recordOf([anna, ["emailOptOut", "since May"]]).emailOptOut).toBe(true);
  expect(faultsOf([anna, ["emailOptOut", "since May"]])).toEqual(["warning opt-out-not-read 1"]);
  expect(recordOf([anna, ["emailOptOut", ""]]).emailOptOut).toBeNull();
  expect(recordOf([anna, ["doNotCall", "1"], ["doNotCall", "0"]]).doNotCall).toBe(true);
});

test("dirt is taken out and told, layout is mended in silence", () => {
  expect(recordOf([["firstName", "An\0na\u200b\u202e"]]).firstName).toBe("Anna");
  expect(faultsOf([["firstName", "An\0na"]])).toEqual(["warning control-characters 0"]);
  expect(faultsOf([["firstName", "An\u200bna \t B."]])).toEqual([]);
  expect(recordOf([["firstName", "A\ud800nna 😀"]]).firstName).toBe("Anna 😀");
});

test("formulas stay text, and the mark of an export is taken off", () => {
  expect(recordOf([anna, ["notes", "=1+1"]]).notes).toBe("=1+1");
  expect(recordOf([anna, ["notes", "'=1+1"]]).notes).toBe("=1+1");
});

test("too long a value keeps the row out, and is never cut", () => {
  expect(faultsOf([["firstName", "x".repeat(201)]])).toEqual([
    "error too-long 0",
    "error nothing-to-know-it-by null",
  ]);
  const [fault] = read([["firstName", "x".repeat(500)]]).faults;
  expect(fault?.value).toHaveLength(200);
});

test("values beyond what a contact holds are told", () => {
  const many = Array.from({ length: 30 }, (_, index) => `a${index}@x.at`).join(";");
  expect(recordOf([["email", many]]).otherEmails).toHaveLength(20);
  expect(faultsOf([["email", many]])).toEqual(["warning too-many null"]);
  const tags = Array.from({ length: 60 }, (_, index) => `t${index}`).join(";");
  expect(recordOf([anna, ["tags", tags]]).tags).toHaveLength(50);
});

test("a row that says nobody is a fault", () => {
  expect(faultsOf([["city", "Wien"]])).toEqual(["error nothing-to-know-it-by null"]);
});

test("streets and notes of several columns are put together", () => {
  const record = recordOf([
    anna,
    ["street", "Ring"],
    ["street", "12a"],
    ["street", "Top 2"],
    ["notes", "a"],
    ["notes", "b"],
  ]);
  expect(record).toMatchObject({ street: "Ring 12a\nTop 2", notes: "a\n\nb" });
});

test("web addresses that run code are left out", () => {
  expect(recordOf([anna, ["website", "javascript:alert(1)"]]).website).toBeNull();
  expect(faultsOf([anna, ["website", "javascript:alert(1)"]])).toEqual(["warning url-not-valid 1"]);
});

test("no cell makes it throw, and what is kept can be stored", () => {
  const fields = [...Object.keys(contactImportFields), ...custom.map(({ key }) => `custom:${key}`)];
  const cell = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."+0123456789 ()-./@;,<>:\0\ud800") }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...fields), cell), { minLength: 1, maxLength: 8 }),
      (cells) => {
        const json = JSON.stringify(read(cells).record);
        expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      },
    ),
    { numRuns: 400 },
  );
});

test("accounts", () => {
  const mapping = ["name", "website", "phone", "city", "tags"].map(
    (field, column) => ({ column, field, confidence: 1 }) as ColumnMapping,
  );
  const normalise = accountNormaliser(mapping, defaults);
  expect(normalise(["Huber AG", "https://www.huber.example/a?b", "01 5131234", "Wien", "a;b"])).toMatchObject(
    {
      record: {
        name: "Huber AG",
        domain: "huber.example",
        phone: { e164: "+4315131234" },
        tags: ["a", "b"],
        custom: {},
      },
      faults: [],
    },
  );
  expect(normalise(["", "", "", "Wien", ""]).faults).toMatchObject([
    { code: "name-missing", severity: "error" },
  ]);
});

test("the order of dates by locale", () => {
  expect([dateOrderOf("en-US"), dateOrderOf("en"), dateOrderOf("en-GB"), dateOrderOf("de-AT")]).toEqual([
    "mdy",
    "mdy",
    "dmy",
    "dmy",
  ]);
});
