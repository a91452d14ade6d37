import { useState } from "react";
import type { KeyLimits, ServiceAccount } from "../../api/service-accounts.ts";
import { useHere } from "../../frame/here.tsx";
import { useRoles } from "../people/use-roles.ts";
import { endOf, networksIn } from "../settings/key-limits.ts";
import { permissionsFor } from "../settings/key-permissions.ts";

/** The limits as the form holds them: all of it text. */
export interface EnteredLimits {
  readonly name: string;
  /** A role whose permissions are the most that the key may; empty for whatever the account may. */
  readonly role: string;
  readonly networks: string;
  readonly days: string;
}

export interface LimitsForm {
  readonly entered: EnteredLimits;
  readonly change: (part: Partial<EnteredLimits>) => void;
  readonly limits: () => KeyLimits;
}

/** Name and limits of a new key of a service account, as they are typed and as the API takes them. */
export function useKeyLimits({ permissions }: ServiceAccount): LimitsForm {
  const roles = useRoles();
  const held = useHere().organization.permissions.filter((permission) => permissions.includes(permission));
  const [entered, setEntered] = useState<EnteredLimits>({ name: "", role: "", networks: "", days: "90" });
  return {
    entered,
    change: (part) => setEntered((before) => ({ ...before, ...part })),
    limits: () => ({
      name: entered.name.trim(),
      permissions: permissionsFor(entered.role, roles, held),
      networks: networksIn(entered.networks),
      expiresAt: endOf(entered.days),
    }),
  };
}
