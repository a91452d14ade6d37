import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { auditResources } from "../console/pages/trust/audit-resources.ts";

// The audit log's filter offers what its rows can be about. Whatever function is added that writes of something else is found here.

const folder = new URL("../server/migrations/", import.meta.url);
const sql = readdirSync(folder)
  .filter((name) => name.endsWith(".sql"))
  .map((name) => readFileSync(new URL(name, folder), "utf8").replaceAll(/--[^\n]*/gu, ""))
  .join("\n");

/** The parts of a list in SQL that are between its own commas. */
function partsOf(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let quoted = false;
  for (const letter of text) {
    if (letter === "'") quoted = !quoted;
    if (!quoted && /[([]/u.test(letter)) depth += 1;
    if (!quoted && /[)\]]/u.test(letter)) depth -= 1;
    if (depth < 0 || (!quoted && letter === ";")) break;
    if (letter === "," && depth === 0 && !quoted) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

/** Everything between each of these beginnings and the end of its list. */
function listsAfter(beginning: RegExp): string[] {
  return [...sql.matchAll(beginning)].map(({ index, 0: { length } }) => sql.slice(index + length));
}

/** As it is written: a literal with its quotes, or an expression. */
function written(): string[] {
  const inserted = listsAfter(/insert into kernel\.audit_event(?: as \w+)? \(/gu).map((rest) => {
    const columns = partsOf(rest);
    const values = rest.slice(rest.search(/\b(?:values \(|select (?:distinct )?)/u));
    const at = columns.findIndex((column) => column === "resource_type" || column.endsWith("$s"));
    return partsOf(values.replace(/^(?:values \(|select (?:distinct )?)/u, ""))[at] ?? "nothing";
  });
  const called = listsAfter(/(?:perform|select) kernel\.audit\(/gu).map(
    (rest) => partsOf(rest)[1] ?? "nothing",
  );
  return [...new Set([...inserted, ...called])];
}

const literals = written().flatMap((one) => /^'([^']+)'$/u.exec(one)?.[1] ?? []);

test("is literal in the SQL, or what a permission is about", () => {
  expect(written().filter((one) => !one.startsWith("'"))).toEqual([
    // The function that all use, and the triggers of records.
    "resource_type",
    "%4$s",
    // Looks of the platform's staff and exports, by the permission that they take.
    "coalesce(split_part(needs[1], '.', 1), 'support')",
    "split_part((select n from unnest(needs) n where n ~ '[.](export|reveal)' limit 1), '.', 1)",
  ]);
  expect(literals.length).toBeGreaterThan(15);
});

test("is offered by the filter of the audit log, all of it and nothing else", () => {
  const declared = [...sql.matchAll(/insert into kernel\.permission [^;]*;/gu)].join("\n");
  const permissions = [...declared.matchAll(/\('([a-z_]+)\.[a-z_]+', '/gu)]
    .map(([, of = ""]) => of)
    // No door takes it.
    .filter((of) => of !== "billing");
  expect(permissions).toContain("contact");
  expect(auditResources.toSorted()).toEqual([...new Set([...literals, ...permissions])].toSorted());
});
