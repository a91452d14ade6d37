import type { Connection, ConnectionChange } from "../../api/sso.ts";
import { linesOf, readMapping, type MappedGroup, type ReadMapping } from "./role-mapping.ts";

/** What is said of a connection beside its settings: whom it lets in, as whom. */
export interface Wishes {
  readonly name: string;
  readonly provisions: boolean;
  readonly defaultRoles: readonly string[];
  /** One group a line. */
  readonly mapping: string;
  readonly followsGroups: boolean;
  readonly domains: readonly string[];
  readonly asksSecondFactor: boolean;
}

/** A connection's wishes, for its form. */
export function wishesOf(connection: Connection): Wishes {
  const { name, provisions, defaultRoles, roleMap, followsGroups, domains, asksSecondFactor } = connection;
  return {
    name,
    provisions,
    defaultRoles,
    mapping: linesOf(roleMap),
    followsGroups,
    domains,
    asksSecondFactor,
  };
}

/** The groups that were typed. Those that nobody touched are taken as they are, also when a role of theirs is gone. */
export function mappingOf(
  { roleMap }: Pick<Connection, "roleMap">,
  { mapping }: Pick<Wishes, "mapping">,
  known: Parameters<typeof readMapping>[1],
): ReadMapping {
  return mapping === linesOf(roleMap) ? { groups: roleMap, fault: undefined } : readMapping(mapping, known);
}

/**
 * What of them is changed. The name is always in it: whoever saves a connection answers for it from then on, also when
 * they changed nothing.
 */
export function changedWishes(
  connection: Connection,
  { mapping, ...wishes }: Wishes,
  roleMap: readonly MappedGroup[],
): ConnectionChange {
  const shown: Readonly<Record<string, unknown>> = { ...connection };
  const changed = Object.entries(wishes).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(shown[name]),
  );
  return {
    ...Object.fromEntries(changed),
    name: wishes.name.trim(),
    ...(mapping === linesOf(connection.roleMap) ? {} : { roleMap }),
  };
}
