import { importFault } from "./fault.ts";
import type { Faults } from "./read-cells.ts";

const tagCharsMax = 100;
const tagsMax = 50;
const valuesMax = 20;

/** No contact holds more e-mail addresses or phone numbers than this; the rest is left out with a warning. */
export function atMost<T>(values: readonly T[], field: string, faults: Faults): readonly T[] {
  if (values.length <= valuesMax) return values;
  faults.push(importFault("too-many", field, null, null));
  return values.slice(0, valuesMax);
}

/** Tags of all columns, each once whatever its case. */
export function limitTags(tags: readonly string[], faults: Faults): readonly string[] {
  if (tags.length === 0) return tags;
  const once = [...new Map(tags.toReversed().map((tag) => [tag.toLowerCase(), tag])).values()].toReversed();
  for (const tag of once)
    if (tag.length > tagCharsMax) faults.push(importFault("too-long", "tags", null, tag));
  if (once.length <= tagsMax) return once;
  faults.push(importFault("too-many", "tags", null, null));
  return once.slice(0, tagsMax);
}
