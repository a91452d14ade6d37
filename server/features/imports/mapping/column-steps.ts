import type { ColumnMapping, DateOrder, EmailKind, PhoneKind } from "../../../../contract/import.ts";
import type { PhoneCountry } from "../../crm/phone/index.ts";
import { countryCode } from "./country-code.ts";
import { customStep } from "./custom-step.ts";
import { headerWords } from "./header-words.ts";
import type { ImportDefaults } from "./import-defaults.ts";
import { emailKind, phoneKind } from "./reach-headers.ts";
import { emailsOf, fault, formedOf, formedTextOf, phonesOf, textOf, type Place } from "./read-cells.ts";
import { choiceReader, withStageWords } from "./read-choice.ts";
import { readDate } from "./read-date.ts";
import { readDomain, readEmail, readUrl } from "./read-email.ts";
import { readTags } from "./read-tags.ts";
import { readYesNo } from "./read-yes-no.ts";
import { remembered } from "./remembered.ts";
import { textFields, type FormedField, type Step, type TextField } from "./row-values.ts";

const firstFields = ["country", "email", "phone"];
/** How Outlook writes a birthday that is not known. */
const noBirthday = /^0+[/.-]0+[/.-]0+$/;

/**
 * One step for each mapped column, made once for a file.
 *
 * The country comes first, since it decides how phone numbers are read; main addresses and numbers before the others.
 */
export function columnSteps(mapping: readonly ColumnMapping[], defaults: ImportDefaults): Step[] {
  return mapping
    .flatMap((column) => (column.field === null ? [] : [{ ...column, field: column.field }]))
    .toSorted((one, other) => turnOf(one.field) - turnOf(other.field))
    .map((column) => stepFor(column, defaults));
}

function turnOf(field: string): number {
  const place = firstFields.indexOf(field);
  return place < 0 ? firstFields.length : place;
}

type Mapped = ColumnMapping & { readonly field: NonNullable<ColumnMapping["field"]> };

function stepFor(mapped: Mapped, defaults: ImportDefaults): Step {
  const { field, column } = mapped;
  const place: Place = { field, column };
  if (field.startsWith("custom:")) return customStep(field.slice("custom:".length), place, defaults);
  if (isTextField(field)) return field === "country" ? countryStep(place) : textStep(field, place);
  switch (field) {
    case "email":
    case "otherEmails":
      return emailStep(mapped, place);
    case "phone":
    case "otherPhones":
      return phoneStep(mapped, place, defaults.country);
    case "accountDomain":
    case "domain":
      return formedStep(field, readDomain, "domain-not-valid", place);
    case "website":
      return formedStep(field, readUrl, "url-not-valid", place);
    case "owner":
      return formedStep(
        field,
        remembered((text) => readEmail(text)?.match ?? null),
        "owner-not-valid",
        place,
      );
    case "birthday":
      return birthdayStep(place, defaults.dateOrder);
    case "stage":
      return formedStep(
        field,
        remembered(choiceReader(withStageWords(defaults.stages ?? []))),
        "choice-not-known",
        place,
      );
    case "emailOptOut":
    case "doNotCall":
      return optOutStep(field, place);
    default:
      return listStep(field, place);
  }
}

function isTextField(field: string): field is TextField {
  return (textFields as readonly string[]).includes(field);
}

function textStep(field: TextField, place: Place): Step {
  return (cells, values, faults) => {
    values[field] = textOf(cells[place.column] ?? "", place, faults);
  };
}

function countryStep(place: Place): Step {
  const codeOf = remembered(countryCode);
  return (cells, values, faults) => {
    values.country = textOf(cells[place.column] ?? "", place, faults);
    values.countryCode = values.country === null ? null : codeOf(values.country);
  };
}

function formedStep(
  field: FormedField,
  read: (text: string) => string | null,
  code: Parameters<typeof formedOf>[2],
  place: Place,
): Step {
  return (cells, values, faults) => {
    values[field] = formedOf(cells[place.column] ?? "", read, code, place, faults);
  };
}

function birthdayStep(place: Place, order: DateOrder): Step {
  return (cells, values, faults) => {
    const cell = cells[place.column] ?? "";
    if (noBirthday.test(cell)) return;
    values.birthday = formedOf(cell, (text) => readDate(text, order), "date-not-read", place, faults);
  };
}

function emailStep({ kind, kindColumn }: Mapped, place: Place): Step {
  const kindOf = remembered((text) => emailKind(headerWords(text)));
  // A mapping may be sent by hand; a phone's kind says nothing about an address.
  const fixed: EmailKind | null = kind === undefined ? null : emailKind(kind);
  return (cells, values, faults) => {
    const cell = cells[place.column] ?? "";
    if (cell === "") return;
    const own = kindColumn === undefined ? fixed : (kindOf(cells[kindColumn] ?? "") ?? fixed);
    for (const email of emailsOf(cell, own, place, faults)) {
      if (!values.emails.some(({ match }) => match === email.match)) values.emails.push(email);
    }
  };
}

function phoneStep({ kind, kindColumn }: Mapped, place: Place, country: PhoneCountry | null): Step {
  const kindOf = remembered((text) => phoneKind(headerWords(text)));
  const fixed: PhoneKind | null = kind === undefined ? null : phoneKind(kind);
  return (cells, values, faults) => {
    const cell = cells[place.column] ?? "";
    if (cell === "") return;
    const own = kindColumn === undefined ? fixed : (kindOf(cells[kindColumn] ?? "") ?? fixed);
    for (const phone of phonesOf(cell, own, values.countryCode ?? country, place, faults)) {
      const same = values.phones.some(({ e164, raw }) =>
        e164 === null ? raw === phone.raw : e164 === phone.e164,
      );
      if (!same) values.phones.push(phone);
    }
  };
}

/** What cannot be read counts as a refusal: to write to somebody who declined is worse than not to. */
function optOutStep(field: "emailOptOut" | "doNotCall", place: Place): Step {
  return (cells, values, faults) => {
    const text = textOf(cells[place.column] ?? "", place, faults);
    if (text === null) return;
    const read = readYesNo(text);
    if (read === null) fault(faults, "opt-out-not-read", place, text);
    values[field] = (read ?? true) || values[field] === true;
  };
}

function listStep(field: string, place: Place): Step {
  return (cells, values, faults) => {
    const cell = cells[place.column] ?? "";
    if (field === "tags") {
      const text = formedTextOf(cell, place, faults);
      if (text !== null) values.tags.push(...readTags(text));
      return;
    }
    const text = textOf(cell, place, faults);
    if (text !== null) (field === "street" ? values.streets : values.notes).push(text);
  };
}
