import { platformPermissions, presets, roleOrder, type Preset, type Role } from "../../../contract/roles.ts";
import { actions, type Action, type Resource } from "./resource.ts";

/** `contact.read` and its like. */
export function permission(resource: Resource, action: Action): string {
  return `${resource.name}.${action}`;
}

/** Every permission there is, with a sentence for people. */
export function permissionCatalogue(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const catalogue = new Map<string, string>(
    Object.entries(platformPermissions).map(([key, { does }]) => [key, does]),
  );
  for (const resource of resources) {
    for (const action of actions) catalogue.set(permission(resource, action), sentence(resource, action));
  }
  return catalogue;
}

function sentence({ many }: Resource, action: Action): string {
  const does = {
    read: "See",
    create: "Add",
    change: "Change",
    archive: "Archive and restore",
    export: "Export",
    erase: "Erase",
  } satisfies Record<Action, string>;
  return action === "erase" ? `Erase ${many} for good` : `${does[action]} ${many}`;
}

/** What a role holds in a preset: its own and all that the roles below it hold; sorted. */
export function permissionsOfRole(preset: Preset, role: Role, resources: readonly Resource[]): string[] {
  const { memberReads } = presets[preset];
  const effective = memberReads && role === "member" ? "viewer" : role;
  const below = roleOrder.slice(0, roleOrder.indexOf(effective) + 1);
  const held = new Set<string>();
  for (const resource of resources) addResource(held, resource, below, effective);
  for (const [key, given] of Object.entries(platformPermissions)) {
    if (given.from !== null && below.includes(given.from)) held.add(key);
    else if ("ownFrom" in given && below.includes(given.ownFrom)) held.add(`${key}:own`);
  }
  return [...held].toSorted();
}

function addResource(held: Set<string>, resource: Resource, below: readonly Role[], role: Role): void {
  for (const lower of below) {
    for (const action of resource.can[lower] ?? []) {
      const onlyOwn = action === "change" && resource.own?.roles.includes(role) === true;
      held.add(onlyOwn ? `${permission(resource, action)}:own` : permission(resource, action));
    }
  }
}

/**
 * The migration text that makes the database's roles and permissions equal the declarations. Members' permissions follow
 * in the same transaction.
 */
export function rolesScript(resources: readonly Resource[]): string {
  const catalogue = [...permissionCatalogue(resources)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const roles = Object.entries(presets).flatMap(([preset, { roles: named }]) =>
    named.map((role) => {
      // Object.entries widens the key; it comes from `presets` itself.
      const held = permissionsOfRole(preset as Preset, role, resources);
      return `  ('${preset}', '${role}', '{${held.join(",")}}')`;
    }),
  );
  return `-- Generated from the declarations (npm run docs): what each role may do.

set local role rf_kernel;

insert into kernel.permission (key, description) values
${catalogue.map(([key, does]) => `  ('${key}', '${does.replaceAll("'", "''")}')`).join(",\n")}
on conflict (key) do update set description = excluded.description;

delete from kernel.role;
insert into kernel.role (preset, key, permissions) values
${roles.join(",\n")};

call kernel.refresh_permissions();
`;
}
