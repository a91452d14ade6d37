export {
  credential,
  date,
  email,
  entries,
  integer,
  member,
  moment,
  oneOf,
  ownValues,
  phone,
  ref,
  tags,
  text,
  url,
  yesNo,
} from "./field.ts";
export type { Care, Field, FieldSpec } from "./field.ts";
export { actions, columnOf, isCredential, resource } from "./resource.ts";
export type { Action, Fields, Resource, Shown } from "./resource.ts";
export { permission, permissionCatalogue, permissionsOfRole, rolesScript } from "./permissions.ts";
export { ddlOf, searchable } from "./ddl.ts";
export {
  changeSchema,
  givenSchema,
  mayBeNull,
  nameOfReference,
  shownSchema,
  valueSchema,
} from "./schemas.ts";
export { type ListWish, sortNames } from "./list-statements.ts";
export { type ResourceStatements, statementsOf, type Values } from "./statements.ts";
