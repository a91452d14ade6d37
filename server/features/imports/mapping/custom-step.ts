import type { CustomFieldTarget, CustomValue, ImportFaultCode } from "../../../../contract/import.ts";
import type { ImportDefaults } from "./import-defaults.ts";
import { formedOf, textOf, type Place } from "./read-cells.ts";
import { choiceReader } from "./read-choice.ts";
import { readDate } from "./read-date.ts";
import { decimalSign, readNumber } from "./read-number.ts";
import { readYesNo } from "./read-yes-no.ts";
import type { Step } from "./row-values.ts";

/** Reads a column into the custom field `key` by the type that the organization gave it; throws when there is no such field. */
export function customStep(key: string, place: Place, defaults: ImportDefaults): Step {
  const target = defaults.custom?.find((field) => field.key === key);
  if (target === undefined) throw new RangeError("a column is mapped to a custom field that does not exist");
  if (target.type === "text") {
    return (cells, values, faults) => {
      const text = textOf(cells[place.column] ?? "", place, faults);
      if (text !== null) values.custom[key] = text;
    };
  }
  const { read, code } = readerOf(target, defaults);
  return (cells, values, faults) => {
    const value = formedOf(cells[place.column] ?? "", read, code, place, faults);
    if (value !== null) values.custom[key] = value;
  };
}

function readerOf(
  { type, choices = [] }: CustomFieldTarget,
  { dateOrder, locale }: ImportDefaults,
): { read: (text: string) => CustomValue | null; code: ImportFaultCode } {
  switch (type) {
    case "number": {
      const decimal = decimalSign(locale);
      return { read: (text) => readNumber(text, decimal), code: "number-not-read" };
    }
    case "date":
      return { read: (text) => readDate(text, dateOrder), code: "date-not-read" };
    case "boolean":
      return { read: readYesNo, code: "yes-no-not-read" };
    case "choice":
      return { read: choiceReader(choices.map((value) => ({ value }))), code: "choice-not-known" };
    case "text":
      return { read: (text) => text, code: "too-long" };
  }
}
