/** A mapping as lines of text, `group = role`. */
export function linesOf(mapping: Readonly<Record<string, string>>): string {
  return Object.entries(mapping)
    .map(([group, role]) => `${group} = ${role}`)
    .join("\n");
}

/** The mapping in such lines. A group's name may hold an equals sign itself, a role's cannot: the last one counts. */
export function mappingFrom(lines: string): Record<string, string> {
  const pairs = lines.split("\n").flatMap((line) => {
    const at = line.lastIndexOf("=");
    const [group, role] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    return at < 0 || group === "" || role === "" ? [] : [[group, role] as const];
  });
  return Object.fromEntries(pairs);
}
