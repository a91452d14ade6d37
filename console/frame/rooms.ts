import {
  IconBuilding,
  IconDoorEnter,
  IconFileImport,
  IconHistory,
  IconKey,
  IconLifebuoy,
  IconListCheck,
  IconMailForward,
  IconRobot,
  IconSettings,
  IconShieldCheck,
  IconUsers,
  IconUsersGroup,
  type Icon,
} from "@tabler/icons-react";

export type RoomPath =
  | "/o/$organization/contacts"
  | "/o/$organization/accounts"
  | "/o/$organization/imports"
  | "/o/$organization/audit"
  | "/o/$organization/outbox"
  | "/o/$organization/roles"
  | "/o/$organization/security"
  | "/o/$organization/access-review"
  | "/o/$organization/support"
  | "/o/$organization/members"
  | "/o/$organization/keys"
  | "/o/$organization/service-accounts"
  | "/o/$organization/settings";

export interface Room {
  readonly label: string;
  readonly to: RoomPath;
  readonly icon: Icon;
  /** The permission without which the room would only refuse. */
  readonly needs: string;
  readonly key: string;
}

/** Every room of the console, in the order of the rail; the palette and the keyboard sheet read the same list. */
export const rooms: readonly { readonly title: string; readonly rooms: readonly Room[] }[] = [
  {
    title: "CRM",
    rooms: [
      {
        label: "Contacts",
        to: "/o/$organization/contacts",
        icon: IconUsers,
        needs: "contact.read",
        key: "g c",
      },
      {
        label: "Accounts",
        to: "/o/$organization/accounts",
        icon: IconBuilding,
        needs: "account.read",
        key: "g a",
      },
      {
        label: "Imports",
        to: "/o/$organization/imports",
        icon: IconFileImport,
        needs: "import.read",
        key: "g i",
      },
    ],
  },
  {
    title: "Trust",
    rooms: [
      {
        label: "Audit log",
        to: "/o/$organization/audit",
        icon: IconHistory,
        needs: "audit.read",
        key: "g l",
      },
      {
        label: "Roles",
        to: "/o/$organization/roles",
        icon: IconShieldCheck,
        needs: "member.read",
        key: "g r",
      },
      {
        label: "Who gets in",
        to: "/o/$organization/security",
        icon: IconDoorEnter,
        needs: "security.read",
        key: "g w",
      },
      {
        label: "Access review",
        to: "/o/$organization/access-review",
        icon: IconListCheck,
        needs: "security.read",
        key: "g v",
      },
      {
        label: "Support access",
        to: "/o/$organization/support",
        icon: IconLifebuoy,
        needs: "support.read",
        key: "g u",
      },
      {
        label: "Outbox",
        to: "/o/$organization/outbox",
        icon: IconMailForward,
        needs: "outbox.reveal",
        key: "g o",
      },
    ],
  },
  {
    title: "Settings",
    rooms: [
      {
        label: "Members",
        to: "/o/$organization/members",
        icon: IconUsersGroup,
        needs: "member.read",
        key: "g m",
      },
      { label: "API keys", to: "/o/$organization/keys", icon: IconKey, needs: "key.read", key: "g k" },
      {
        label: "Service accounts",
        to: "/o/$organization/service-accounts",
        icon: IconRobot,
        needs: "member.read",
        key: "g p",
      },
      {
        label: "Organization",
        to: "/o/$organization/settings",
        icon: IconSettings,
        needs: "organization.read",
        key: "g s",
      },
    ],
  },
];
