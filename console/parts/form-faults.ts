import type { FieldFault } from "../../contract/problem.ts";

/**
 * Server faults by form path: `/person/email` becomes `person.email`, where the form shows it beside the field. A form
 * whose fields lie at the top drops the `prefix` under which the server reports them.
 */
export function faultsByField(errors: readonly FieldFault[], prefix = ""): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const { pointer, detail } of errors) {
    const path = pointer
      .replace(/^#?\/?/u, "")
      .replaceAll("/", ".")
      .replaceAll("~1", "/")
      .replaceAll("~0", "~");
    faults[path.startsWith(prefix) ? path.slice(prefix.length) : path] ??= detail;
  }
  return faults;
}
