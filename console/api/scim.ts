import { send } from "./send.ts";
import { door } from "./tenant.ts";

export interface Directory {
  readonly id: string;
  readonly name: string;
  readonly defaultRole: string | null;
  readonly roleMapping: Readonly<Record<string, string>>;
  readonly domains: readonly string[];
  readonly state: string;
  readonly version: number;
  readonly users: number;
  readonly groups: number;
  readonly keys: readonly { readonly id: string; readonly hint: string; readonly expiresAt: string | null }[];
  readonly lastSyncAt: string | null;
  readonly outOfReach: readonly string[];
  /** Who answers for it now; null when nobody is left who may, and then it stands still. */
  readonly answerableName: string | null;
  /** Whether somebody knows its token who may manage directories no longer. */
  readonly wantsNewToken: boolean;
}

/** With the token, this one time. */
export interface OpenedDirectory extends Directory {
  readonly token: string;
  readonly scimUrl: string;
}

/** The directories that provision members. */
export function fetchDirectories(organization: string): Promise<{ readonly items: readonly Directory[] }> {
  return send("GET", door(organization, "/scim-connections"));
}

/** Connects a directory; its token is in this answer alone. */
export function openDirectory(
  organization: string,
  directory: Pick<Directory, "name" | "defaultRole" | "roleMapping" | "domains"> & {
    readonly expiresAt: string | null;
  },
): Promise<OpenedDirectory> {
  return send("POST", door(organization, "/scim-connections"), { body: directory });
}

/** A new token in place of the old, which goes on for as long as is said. */
export function rerollDirectory(
  organization: string,
  id: string,
  wanted: { readonly overlapSeconds: number; readonly expiresAt: string | null },
): Promise<OpenedDirectory> {
  return send("POST", door(organization, `/scim-connections/${id}/reroll`), { body: wanted });
}

/** Changes what a directory gives. */
export function changeDirectory(
  organization: string,
  { id, version }: Pick<Directory, "id" | "version">,
  change: Partial<Pick<Directory, "name" | "defaultRole" | "roleMapping" | "domains">>,
): Promise<Directory> {
  return send("PATCH", door(organization, `/scim-connections/${id}`), { body: change, version });
}

/** Ends a directory and its tokens; members stay as they are. */
export function endDirectory(organization: string, id: string): Promise<unknown> {
  return send("DELETE", door(organization, `/scim-connections/${id}`));
}

/** Something that went wrong with a directory: a request that was refused, a member that was left out. */
export interface DirectoryFault {
  readonly id: string;
  readonly at: string;
  readonly operation: string;
  readonly status: number;
  readonly detail: string;
}

/** The last hundred, the newest first. */
export function fetchDirectoryFaults(
  organization: string,
  id: string,
): Promise<{ readonly items: readonly DirectoryFault[] }> {
  return send("GET", door(organization, `/scim-connections/${id}/faults`));
}

/** The groups that a directory has pushed. */
export function fetchDirectoryGroups(
  organization: string,
  id: string,
): Promise<{ readonly items: readonly { readonly id: string; readonly displayName: string }[] }> {
  return send("GET", door(organization, `/scim-connections/${id}/groups`));
}
