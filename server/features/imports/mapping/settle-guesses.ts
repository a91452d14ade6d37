import {
  accountImportFields,
  contactImportFields,
  type ColumnMapping,
  type ImportField,
} from "../../../../contract/import.ts";
import type { Guess } from "./guess.ts";

type Field = Guess["field"];
const addressFields: readonly Field[] = ["street", "city", "region", "postalCode", "country"];

/** Weighs the guesses of all columns against each other, so that each field gets as many columns as it takes. */
export function settleGuesses(guesses: readonly Guess[], of: "contact" | "account"): ColumnMapping[] {
  const catalogue: Readonly<Record<string, ImportField>> =
    of === "contact" ? contactImportFields : accountImportFields;
  const group = bestAddress(guesses);
  const kept = guesses.filter((guess) => isUsable(guess, guesses, group));
  const settled = new Map<number, Field>();
  const taken = new Set<Field>();
  for (const guess of kept.toSorted(byPreference)) {
    const field = mainOrOther(guess, taken.has(guess.field), of);
    if (field === null || (taken.has(field) && catalogue[field]?.many !== true)) continue;
    taken.add(field);
    settled.set(guess.column, field);
  }
  return guesses.map((guess) => mapping(guess, settled.get(guess.column) ?? null, guesses));
}

function mapping(guess: Guess, field: Field, guesses: readonly Guess[]): ColumnMapping {
  const { column, kind, group } = guess;
  if (field === null) return { column, field, confidence: guess.field === null ? 0 : guess.confidence / 2 };
  const kinds =
    group === null ? undefined : guesses.find((other) => other.holdsKinds && other.group === group);
  const reach = guess.field === "email" || guess.field === "phone";
  return {
    column,
    field,
    ...(reach && kind !== null && { kind }),
    ...(reach && kinds !== undefined && { kindColumn: kinds.column }),
    confidence: guess.confidence,
  };
}

/** The first e-mail address and phone number are the main ones; a fax number never is. */
function mainOrOther({ field, kind }: Guess, taken: boolean, of: "contact" | "account"): Field {
  if (of === "account") return field === "phone" && kind === "fax" ? null : field;
  if (field === "email") return taken ? "otherEmails" : field;
  if (field === "phone") return taken || kind === "fax" ? "otherPhones" : field;
  return field;
}

function isUsable(guess: Guess, guesses: readonly Guess[], address: string | null): boolean {
  if (guess.holdsKinds || guess.field === null) return false;
  if (addressFields.includes(guess.field)) return guess.group === address;
  // A whole name adds nothing to its parts, and names of owners are no way to find them.
  if (guess.field === "fullName")
    return !guesses.some(({ field, look }) => isNamePart(field) && worth(look.filled, guesses));
  if (guess.field === "owner") return guess.look.filled === 0 || guess.look.emails > 0;
  return true;
}

function isNamePart(field: Field): boolean {
  return field === "firstName" || field === "lastName";
}

/** A column that is empty in the samples still counts when all are: then there are no samples. */
function worth(filled: number, guesses: readonly Guess[]): boolean {
  return filled > 0 || guesses.every(({ look }) => look.filled === 0);
}

function byPreference(one: Guess, other: Guess): number {
  return emptiness(one) - emptiness(other) || one.rank - other.rank || one.column - other.column;
}

function emptiness({ look }: Guess): number {
  return look.filled > 0 ? 0 : 1;
}

/** The address with most values in the samples; without any, the one that is preferred. */
function bestAddress(guesses: readonly Guess[]): string | null {
  const groups = new Map<string, { filled: number; rank: number }>();
  for (const { field, group, look, rank } of guesses) {
    if (group === null || !addressFields.includes(field)) continue;
    const sum = groups.get(group) ?? { filled: 0, rank };
    groups.set(group, { filled: sum.filled + look.filled, rank: Math.min(sum.rank, rank) });
  }
  const [best] = [...groups].toSorted(
    ([, one], [, other]) => other.filled - one.filled || one.rank - other.rank,
  );
  return best?.[0] ?? null;
}
