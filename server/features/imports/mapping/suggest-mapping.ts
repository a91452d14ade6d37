import type { ColumnMapping, ContactImportField, CustomFieldTarget } from "../../../../contract/import.ts";
import { readAddressHeader } from "./address-headers.ts";
import { accountHeaders, contactHeaders } from "./known-headers.ts";
import type { Guess } from "./guess.ts";
import { headerWords } from "./header-words.ts";
import { lookOfValues, mostly, type Look } from "./look-of-values.ts";
import { readReachHeader } from "./reach-headers.ts";
import { settleGuesses } from "./settle-guesses.ts";

export interface MappingTarget {
  readonly of: "contact" | "account";
  readonly custom?: readonly CustomFieldTarget[];
}

type Found = Pick<Guess, "field" | "confidence" | "rank"> &
  Partial<Pick<Guess, "kind" | "group" | "holdsKinds">>;

/**
 * Proposes for every column what it becomes, in the order of the columns.
 *
 * Headers decide; sample rows break ties (an empty column loses), lower the confidence of a header that its values
 * contradict, and speak for columns without a telling header. No two columns get a field that takes one only.
 */
export function suggestMapping(
  headers: readonly string[],
  samples: readonly (readonly string[])[],
  target: MappingTarget,
): ColumnMapping[] {
  const lookups = headerLookup(target);
  const guesses = headers.map((header, column): Guess => {
    const look = lookOfValues(samples, column);
    const found = byHeader(headerWords(header), target, lookups) ?? byLook(look, target);
    const doubted = { ...found, confidence: found.confidence * (contradicted(found.field, look) ? 0.5 : 1) };
    return { kind: null, group: null, holdsKinds: false, ...doubted, column, look };
  });
  return settleGuesses(guesses, target.of);
}

type Lookup = ReadonlyMap<string, Found>;

function headerLookup(target: MappingTarget): Lookup {
  const lookup = new Map<string, Found>();
  const table = target.of === "contact" ? contactHeaders : accountHeaders;
  for (const [field, headers] of Object.entries(table)) {
    for (const [rank, header] of headers.entries()) {
      // The tables' keys are fields by their type, which Object.entries forgets.
      lookup.set(header, { field: field as ContactImportField, confidence: 0.95, rank });
    }
  }
  for (const { key, label } of target.custom ?? []) {
    for (const name of [headerWords(label), headerWords(key)]) {
      if (!lookup.has(name)) lookup.set(name, { field: `custom:${key}`, confidence: 0.95, rank: 0 });
    }
  }
  return lookup;
}

function byHeader(words: string, target: MappingTarget, lookup: Lookup): Found | null {
  // Pipedrive puts "Person - " or "Organization - " before everything.
  const own = words.replace(
    target.of === "contact" ? /^(person|lead|kontakt) / : /^(organization|organisation) /,
    "",
  );
  const known = lookup.get(words) ?? lookup.get(own);
  if (known !== undefined) return known;
  const reach = readReachHeader(own);
  if (reach !== null && (reach.what === "phone" || target.of === "contact")) {
    return { ...reach, field: reach.what, confidence: 0.9, rank: reach.rank };
  }
  const address = readAddressHeader(own);
  if (address !== null)
    return { field: address.part, confidence: 0.9, rank: address.rank, group: address.group };
  return null;
}

function byLook(look: Look, target: MappingTarget): Found {
  const rank = 50;
  if (look.emails > 0 && mostly(look.emails, look) && target.of === "contact")
    return { field: "email", confidence: 0.5, rank };
  if (look.urls > 0 && mostly(look.urls, look)) return { field: "website", confidence: 0.4, rank };
  if (look.phones > 0 && mostly(look.phones, look)) return { field: "phone", confidence: 0.3, rank };
  return { field: null, confidence: 0, rank };
}

function contradicted(field: Guess["field"], look: Look): boolean {
  if (look.filled === 0) return false;
  if (field === "email") return !mostly(look.emails, look);
  return field === "firstName" || field === "lastName" || field === "city"
    ? mostly(look.emails, look)
    : false;
}
