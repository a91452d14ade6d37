import { Checkbox } from "@mantine/core";
import type { ReactNode } from "react";
import { roleMeanings, roleOrder, type Role } from "../../../contract/roles.ts";
import type { Role as HeldRole } from "../../api/members.ts";

interface Props {
  readonly roles: readonly HeldRole[];
  readonly value: readonly string[];
  readonly label?: string;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly onChange: (roles: string[]) => void;
}

/** One role or several: the built-in ones from the least to the most, then the organization's own. */
export function RolesChoice({
  roles,
  value,
  label = "Roles",
  description = "They add up",
  error,
  onChange,
}: Props): ReactNode {
  const shown = roles.toSorted((a, b) => rank(a.name) - rank(b.name));
  return (
    <Checkbox.Group
      label={label}
      description={description}
      error={error}
      value={[...value]}
      onChange={(chosen) => onChange(chosen)}
    >
      <div className="rf-stack rf-stack--tight" style={{ marginTop: 6 }}>
        {shown.map((role) => (
          <Checkbox
            key={role.name}
            value={role.name}
            label={role.label ?? role.name}
            description={isBuiltIn(role.name) ? roleMeanings[role.name] : role.description}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

function rank(role: string): number {
  return isBuiltIn(role) ? roleOrder.indexOf(role) : roleOrder.length;
}

function isBuiltIn(role: string): role is Role {
  return role in roleMeanings;
}
