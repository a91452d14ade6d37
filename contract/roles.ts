/** The built-in roles, from the least to the most; each may do what the ones before it may. */
export const roleOrder = ["viewer", "member", "manager", "admin", "owner"] as const;
export type Role = (typeof roleOrder)[number];

/** What a role means, for people who choose one. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  viewer: "Reads records; changes nothing",
  member: "Creates and changes records; no settings",
  manager: "A member who also archives, works in bulk and exports",
  admin: "Manages people, keys and settings; no billing",
  owner: "Everything, billing and the organization itself included",
};

/**
 * What an organization starts with. Products differ: in analytics a member only reads; a calling team has four fixed
 * roles and no manager.
 */
export const presets = {
  crm: { roles: roleOrder, memberReads: false },
  analytics: { roles: ["viewer", "member", "admin", "owner"], memberReads: true },
  calling: { roles: ["viewer", "member", "admin", "owner"], memberReads: false },
} as const satisfies Record<string, { readonly roles: readonly Role[]; readonly memberReads: boolean }>;
export type Preset = keyof typeof presets;

interface PlatformPermission {
  /** The least role that holds it. */
  readonly from: Role | null;
  /** Roles below that hold it for their own things only. */
  readonly ownFrom?: Role;
  readonly does: string;
}

/** Permissions that belong to no resource. Those of resources follow from their declarations. */
export const platformPermissions = {
  "organization.read": {
    from: "viewer",
    does: "See the organization's name, language, time zone and currency",
  },
  "organization.change": { from: "admin", does: "Change the organization's settings" },
  "billing.change": { from: "owner", does: "Change plan and payment" },
  "member.read": { from: "viewer", does: "See who belongs to the organization" },
  "member.invite": { from: "admin", does: "Invite people and withdraw invitations" },
  "member.change": { from: "admin", does: "Change roles and remove people" },
  "role.read": { from: "viewer", does: "See the roles and what each may do" },
  "role.change": { from: "admin", does: "Make and change roles" },
  "security.read": {
    from: "admin",
    does: "See who gets in and how: sign-in rules, single sign-on, networks",
  },
  "security.change": {
    from: "admin",
    does: "Change who gets in and how: sign-in rules, single sign-on, networks",
  },
  "security.export": { from: "admin", does: "Export who and what has access" },
  "support.read": { from: "admin", does: "See who of the platform's staff may come in, and why" },
  "support.grant": { from: "admin", does: "Let the platform's staff in for a while, and end it" },
  "member.provision": { from: null, does: "Add, change and end members for an identity provider (SCIM)" },
  "key.read": { from: "admin", ownFrom: "member", does: "See API keys" },
  "key.create": { from: "member", does: "Make API keys for oneself" },
  "key.end": { from: "admin", ownFrom: "member", does: "End API keys" },
  "audit.read": { from: "admin", does: "Read the audit trail" },
  "audit.export": { from: "admin", does: "Export the audit trail" },
  "outbox.reveal": { from: "admin", does: "See the mail that the organization sent or has waiting" },
  "import.undo": { from: "member", does: "Undo an import of one's own" },
} as const satisfies Record<string, PlatformPermission>;
