import { presets, type Preset } from "../../contract/roles.ts";
import { jobsOf, resources } from "../../server/house.ts";
import { plainDoors } from "../../server/http/index.ts";
import { jobsScript } from "../../server/jobs/index.ts";
import { permissionCatalogue, permissionsOfRole, rolesScript } from "../../server/kernel/resource/index.ts";
import { declaredRoutes, paperHouse } from "../../tests/declared-routes.ts";
import { accessMatrixPage, openDoorsPage, type RoleSet } from "./access-pages.ts";

/** Who may do what, from the declarations that the attack tests try cell by cell. */
export function accessMatrix(): string {
  const roleSets = Object.entries(presets).map(([preset, { roles }]): RoleSet => ({
    preset,
    // Object.entries widens the key; it comes from `presets` itself.
    roles: roles.map((role) => ({ role, holds: permissionsOfRole(preset as Preset, role, resources) })),
  }));
  return accessMatrixPage(declaredRoutes(), permissionCatalogue(resources), roleSets);
}

export function openDoors(): string {
  return openDoorsPage([...plainDoors, ...declaredRoutes()]);
}

/** The migrations that follow from declarations alone. */
export function rolesMigration(): string {
  return rolesScript(resources);
}

export function jobsMigration(): string {
  return jobsScript(jobsOf(paperHouse));
}
