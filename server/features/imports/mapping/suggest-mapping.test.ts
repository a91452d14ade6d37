import { expect, test } from "vitest";
import { headerWords } from "./header-words.ts";
import { suggestMapping, type MappingTarget } from "./suggest-mapping.ts";

const contact: MappingTarget = { of: "contact" };

/** "Header > field kind" for every column that got a field. */
function mapped(headers: readonly string[], samples: readonly (readonly string[])[] = [], target = contact) {
  return suggestMapping(headers, samples, target).flatMap(({ column, field, kind }) =>
    field === null ? [] : [[headers[column], field, ...(kind === undefined ? [] : [kind])].join(" > ")],
  );
}

test.each([
  ["E-Mail-Adresse", "email adresse"],
  ["FirstName", "first name"],
  ["First_Name", "first name"],
  ["Mailing Zip/Postal Code", "mailing zip postal code"],
  ["E-mail 1 - Value", "email 1 value"],
  ["Straße geschäftlich", "strasse geschaeftlich"],
  ["Assistant's Phone", "assistant phone"],
  ["Address Line1", "address line 1"],
  ["HasOptedOutOfEmail", "has opted out of email"],
  ["PLZ", "plz"],
])("%s is %s in words", (header, words) => {
  expect(headerWords(header)).toBe(words);
});

test("Salesforce", () => {
  const headers =
    "Salutation|First Name|Last Name|Title|Account Name|Mailing Street|Mailing City|Mailing State/Province|Mailing Zip/Postal Code|Mailing Country|Other Street|Other City|Phone|Mobile|Home Phone|Fax|Asst. Phone|Email|Lead Source|Description|Birthdate|Email Opt Out|Do Not Call|Contact ID|Contact Owner|Created Date|Last Modified Date";
  expect(mapped(headers.split("|"))).toEqual([
    "First Name > firstName",
    "Last Name > lastName",
    "Title > title",
    "Account Name > account",
    "Mailing Street > street",
    "Mailing City > city",
    "Mailing State/Province > region",
    "Mailing Zip/Postal Code > postalCode",
    "Mailing Country > country",
    "Phone > phone",
    "Mobile > otherPhones > mobile",
    "Home Phone > otherPhones > home",
    "Fax > otherPhones > fax",
    "Email > email",
    "Lead Source > source",
    "Description > notes",
    "Birthdate > birthday",
    "Email Opt Out > emailOptOut",
    "Do Not Call > doNotCall",
    "Contact ID > externalId",
    "Contact Owner > owner",
  ]);
});

test("Salesforce, field names of the data export", () => {
  const headers =
    "Id|IsDeleted|AccountId|LastName|FirstName|MailingStreet|MailingCity|MailingPostalCode|MailingCountry|Phone|MobilePhone|Email|Title|LeadSource|HasOptedOutOfEmail|DoNotCall|OwnerId";
  expect(mapped(headers.split("|"))).toEqual([
    "Id > externalId",
    "LastName > lastName",
    "FirstName > firstName",
    "MailingStreet > street",
    "MailingCity > city",
    "MailingPostalCode > postalCode",
    "MailingCountry > country",
    "Phone > phone",
    "MobilePhone > otherPhones > mobile",
    "Email > email",
    "Title > title",
    "LeadSource > source",
    "HasOptedOutOfEmail > emailOptOut",
    "DoNotCall > doNotCall",
  ]);
});

test("HubSpot", () => {
  const headers =
    "Record ID|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner|Associated Company|Company Name|Job Title|Lifecycle Stage|Lead Status|Street Address|City|State/Region|Postal Code|Country/Region|Website URL|Unsubscribed from all email|Email Domain|Last Activity Date|Create Date|Work email|Original Source|Marketing contact status|First email send date";
  expect(mapped(headers.split("|"))).toEqual([
    "Record ID > externalId",
    "First Name > firstName",
    "Last Name > lastName",
    "Email > email",
    "Phone Number > phone",
    "Mobile Phone Number > otherPhones > mobile",
    "Contact owner > owner",
    "Company Name > account",
    "Job Title > title",
    "Lifecycle Stage > stage",
    "Street Address > street",
    "City > city",
    "State/Region > region",
    "Postal Code > postalCode",
    "Country/Region > country",
    "Website URL > website",
    "Unsubscribed from all email > emailOptOut",
    "Email Domain > accountDomain",
    "Work email > otherEmails > work",
    "Original Source > source",
  ]);
});

test("Outlook, with an address at home only", () => {
  const headers =
    "Title|First Name|Middle Name|Last Name|Suffix|Company|Department|Job Title|Business Street|Business Street 2|Business City|Business State|Business Postal Code|Business Country/Region|Home Street|Home City|Home Postal Code|Home Country/Region|Assistant's Phone|Business Fax|Business Phone|Business Phone 2|Company Main Phone|Home Phone|Mobile Phone|Other Phone|Pager|Primary Phone|Birthday|Categories|E-mail Address|E-mail Type|E-mail Display Name|E-mail 2 Address|Notes|Web Page".split(
      "|",
    );
  const sample = headers.map((header): string =>
    /^(Business|Company|Other|Primary)/.test(header) ? "" : "x",
  );
  sample[headers.indexOf("E-mail Address")] = "anna@x.at";
  sample[headers.indexOf("E-mail 2 Address")] = "anna@home.at";
  expect(mapped(headers, [sample])).toEqual([
    "First Name > firstName",
    "Last Name > lastName",
    "Company > account",
    "Job Title > title",
    "Home Street > street",
    "Home City > city",
    "Home Postal Code > postalCode",
    "Home Country/Region > country",
    "Business Fax > otherPhones > fax",
    "Business Phone > otherPhones > work",
    "Business Phone 2 > otherPhones > work",
    "Company Main Phone > otherPhones > main",
    "Home Phone > otherPhones > home",
    "Mobile Phone > phone > mobile",
    "Other Phone > otherPhones > other",
    "Primary Phone > otherPhones > main",
    "Birthday > birthday",
    "Categories > tags",
    "E-mail Address > email",
    "E-mail 2 Address > otherEmails",
    "Notes > notes",
    "Web Page > website",
  ]);
  expect(mapped(headers)).toContain("Business Street 2 > street");
  expect(mapped(headers)).not.toContain("Home Street > street");
});

test("Google Contacts, both its formats, with kinds in columns of their own", () => {
  const now =
    "First Name|Middle Name|Last Name|Phonetic First Name|Name Prefix|File As|Organization Name|Organization Title|Organization Department|Birthday|Notes|Photo|Labels|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Label|E-mail 2 - Value|Phone 1 - Label|Phone 1 - Value|Phone 2 - Label|Phone 2 - Value|Address 1 - Label|Address 1 - Formatted|Address 1 - Street|Address 1 - City|Address 1 - PO Box|Address 1 - Region|Address 1 - Postal Code|Address 1 - Country|Website 1 - Label|Website 1 - Value".split(
      "|",
    );
  expect(mapped(now)).toEqual([
    "First Name > firstName",
    "Last Name > lastName",
    "Organization Name > account",
    "Organization Title > title",
    "Birthday > birthday",
    "Notes > notes",
    "Labels > tags",
    "E-mail 1 - Value > email",
    "E-mail 2 - Value > otherEmails",
    "Phone 1 - Value > phone",
    "Phone 2 - Value > otherPhones",
    "Address 1 - Street > street",
    "Address 1 - City > city",
    "Address 1 - Region > region",
    "Address 1 - Postal Code > postalCode",
    "Address 1 - Country > country",
    "Website 1 - Value > website",
  ]);
  const suggested = suggestMapping(now, [], contact);
  expect(suggested[now.indexOf("Phone 2 - Value")]?.kindColumn).toBe(now.indexOf("Phone 2 - Label"));
  expect(suggested[now.indexOf("E-mail 1 - Value")]?.kindColumn).toBe(now.indexOf("E-mail 1 - Label"));
  const before =
    "Name|Given Name|Family Name|Group Membership|E-mail 1 - Type|E-mail 1 - Value|Phone 1 - Type|Phone 1 - Value|Organization 1 - Name|Organization 1 - Title";
  expect(mapped(before.split("|"))).toEqual([
    "Given Name > firstName",
    "Family Name > lastName",
    "Group Membership > tags",
    "E-mail 1 - Value > email",
    "Phone 1 - Value > phone",
    "Organization 1 - Name > account",
    "Organization 1 - Title > title",
  ]);
});

test("Pipedrive", () => {
  const headers =
    "Person - Name|Person - Label|Person - Organization|Person - Email - Work|Person - Email - Home|Person - Phone - Work|Person - Phone - Mobile|Person - Owner|Person - ID|Person - ZIP/Postal code of Postal address|Person - Country of Postal address|Person - City/town/village/locality of Postal address";
  expect(mapped(headers.split("|"))).toEqual([
    "Person - Name > fullName",
    "Person - Label > tags",
    "Person - Organization > account",
    "Person - Email - Work > email > work",
    "Person - Email - Home > otherEmails > home",
    "Person - Phone - Work > phone > work",
    "Person - Phone - Mobile > otherPhones > mobile",
    "Person - Owner > owner",
    "Person - ID > externalId",
    "Person - ZIP/Postal code of Postal address > postalCode",
    "Person - Country of Postal address > country",
    "Person - City/town/village/locality of Postal address > city",
  ]);
});

test("Zoho", () => {
  const headers =
    "Record Id|Contact Owner|Lead Source|First Name|Last Name|Account Name|Email|Title|Phone|Home Phone|Other Phone|Fax|Mobile|Date of Birth|Asst Phone|Email Opt Out|Secondary Email|Mailing Street|Mailing City|Mailing Zip|Mailing Country|Other City|Description|Tag|Modified Time";
  expect(mapped(headers.split("|")).filter((line) => !/(First|Last) Name|Title|Account/.test(line))).toEqual([
    "Record Id > externalId",
    "Contact Owner > owner",
    "Lead Source > source",
    "Email > email",
    "Phone > phone",
    "Home Phone > otherPhones > home",
    "Other Phone > otherPhones > other",
    "Fax > otherPhones > fax",
    "Mobile > otherPhones > mobile",
    "Date of Birth > birthday",
    "Email Opt Out > emailOptOut",
    "Secondary Email > otherEmails > other",
    "Mailing Street > street",
    "Mailing City > city",
    "Mailing Zip > postalCode",
    "Mailing Country > country",
    "Description > notes",
    "Tag > tags",
  ]);
});

test("German headers, Outlook's among them", () => {
  const headers =
    "Anrede|Vorname|Nachname|Firma|Position|Straße geschäftlich|Ort geschäftlich|Postleitzahl geschäftlich|Land/Region geschäftlich|Straße privat|Telefon geschäftlich|Telefon privat|Mobiltelefon|Fax geschäftlich|E-Mail-Adresse|E-Mail 2: Adresse|Notizen|Kategorien|Geburtstag|Webseite|Bundesland geschäftlich";
  expect(mapped(headers.split("|"))).toEqual([
    "Vorname > firstName",
    "Nachname > lastName",
    "Firma > account",
    "Position > title",
    "Straße geschäftlich > street",
    "Ort geschäftlich > city",
    "Postleitzahl geschäftlich > postalCode",
    "Land/Region geschäftlich > country",
    "Telefon geschäftlich > phone > work",
    "Telefon privat > otherPhones > home",
    "Mobiltelefon > otherPhones > mobile",
    "Fax geschäftlich > otherPhones > fax",
    "E-Mail-Adresse > email",
    "E-Mail 2: Adresse > otherEmails",
    "Notizen > notes",
    "Kategorien > tags",
    "Geburtstag > birthday",
    "Webseite > website",
    "Bundesland geschäftlich > region",
  ]);
  expect(mapped(["Name", "Straße", "Hausnummer", "PLZ", "Ort", "Land", "Tel.", "Handy", "E-Mail"])).toEqual([
    "Name > fullName",
    "Straße > street",
    "Hausnummer > street",
    "PLZ > postalCode",
    "Ort > city",
    "Land > country",
    "Tel. > phone",
    "Handy > otherPhones > mobile",
    "E-Mail > email",
  ]);
});

test("columns without a telling header are known by their values", () => {
  const samples = [
    ["Anna", "anna@x.at", "+43 664 1234567", "https://x.at", "7"],
    ["Ben", "ben@x.at", "0664 7654321", "www.x.at", "8"],
  ];
  expect(mapped(["A", "B", "C", "D", "E"], samples)).toEqual(["B > email", "C > phone", "D > website"]);
  expect(suggestMapping(["B"], [["anna@x.at"]], contact)[0]?.confidence).toBe(0.5);
});

test("values that contradict a header lower the confidence", () => {
  const sure = suggestMapping(["Email"], [["anna@x.at"]], contact)[0]?.confidence ?? 0;
  const unsure = suggestMapping(["Email"], [["yes"]], contact)[0]?.confidence ?? 0;
  expect(unsure).toBeLessThan(sure);
});

test("owners that are named by no e-mail address are left out", () => {
  expect(mapped(["Email", "Contact owner"], [["a@x.at", "Anna Huber"]])).toEqual(["Email > email"]);
});

test("custom fields are known by label and by key", () => {
  const custom = [{ key: "shoe_size", label: "Schuhgröße", type: "number" }] as const;
  expect(mapped(["SCHUHGRÖSSE"], [], { of: "contact", custom })).toEqual(["SCHUHGRÖSSE > custom:shoe_size"]);
  expect(mapped(["Shoe size"], [], { of: "contact", custom })).toEqual(["Shoe size > custom:shoe_size"]);
});

test("accounts", () => {
  const headers =
    "Account ID|Account Name|Billing Street|Billing City|Billing State/Province|Billing Zip/Postal Code|Billing Country|Shipping City|Phone|Fax|Website|Industry|Description|Account Owner|Annual Revenue";
  expect(mapped(headers.split("|"), [], { of: "account" })).toEqual([
    "Account ID > externalId",
    "Account Name > name",
    "Billing Street > street",
    "Billing City > city",
    "Billing State/Province > region",
    "Billing Zip/Postal Code > postalCode",
    "Billing Country > country",
    "Phone > phone",
    "Website > website",
    "Industry > industry",
    "Description > notes",
    "Account Owner > owner",
  ]);
  expect(
    mapped(["Organization - Name", "Organization - Address", "Company Domain Name"], [], { of: "account" }),
  ).toEqual([
    "Organization - Name > name",
    "Organization - Address > street",
    "Company Domain Name > domain",
  ]);
});
