import type { Role } from "../../api/members.ts";

/** Which roles a group gives. */
export interface MappedGroup {
  readonly group: string;
  readonly roles: readonly string[];
}

/** What stands in the lines, or what is wrong with the first that cannot be read: nothing is left out without a word. */
export interface ReadMapping {
  readonly groups: readonly MappedGroup[];
  readonly fault: string | undefined;
}

/** A mapping as lines of text, `group = role, role`. */
export function linesOf(mapping: readonly MappedGroup[]): string {
  return mapping.map(({ group, roles }) => `${group} = ${roles.join(", ")}`).join("\n");
}

/**
 * The mapping in such lines. A group's name may hold an equals sign itself, a role's cannot: the last one counts. Roles
 * may be called what people call them; while the roles are not known yet, none is called unknown.
 */
export function readMapping(
  text: string,
  known: readonly Pick<Role, "name" | "label">[],
  rolesMax = 20,
): ReadMapping {
  const groups: MappedGroup[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = readLine(line, known, rolesMax);
    const fault = typeof read === "string" ? read : againIn(groups, read);
    if (fault !== undefined) return { groups, fault: `Line ${index + 1} ${fault}.` };
    if (typeof read !== "string") groups.push(read);
  }
  return { groups, fault: undefined };
}

function againIn(groups: readonly MappedGroup[], { group }: MappedGroup): string | undefined {
  return groups.some((before) => before.group === group) ? `names the group “${group}” again` : undefined;
}

function readLine(
  line: string,
  known: readonly Pick<Role, "name" | "label">[],
  rolesMax: number,
): MappedGroup | string {
  const at = line.lastIndexOf("=");
  if (at < 0) return `has no equals sign: “${line.trim()}”`;
  const group = line.slice(0, at).trim();
  const said = line
    .slice(at + 1)
    .split(",")
    .map((role) => role.trim())
    .filter((role) => role !== "");
  if (group === "") return "names no group before the equals sign";
  if (said.length === 0) return `gives “${group}” no role after the equals sign`;
  if (said.length > rolesMax)
    return `gives “${group}” ${said.length} roles, and ${rolesMax} at most can be given`;
  const roles = said.map((role) => nameOf(role, known));
  const unknown = said[roles.indexOf(undefined)];
  return unknown === undefined
    ? { group, roles: [...new Set(roles.filter((role) => role !== undefined))] }
    : `names a role that there is not: “${unknown}”`;
}

function nameOf(said: string, known: readonly Pick<Role, "name" | "label">[]): string | undefined {
  if (known.length === 0) return said;
  const alike = (text: string | undefined): boolean => text?.toLowerCase() === said.toLowerCase();
  return known.find(({ name, label }) => alike(name) || alike(label))?.name;
}
