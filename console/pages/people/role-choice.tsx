import "@mantine/core/styles/Radio.css";
import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import { roleMeanings, roleOrder, type Role } from "../../../contract/roles.ts";
import type { Role as HeldRole } from "../../api/members.ts";

interface Props {
  readonly roles: readonly HeldRole[];
  readonly value: string;
  readonly onChange: (role: string) => void;
}

/** One role, with what it means; from the least to the most. */
export function RoleChoice({ roles, value, onChange }: Props): ReactNode {
  const known = roles.map((role) => role.name);
  const shown = known.length === 0 ? [...roleOrder] : known.toSorted((a, b) => rank(a) - rank(b));
  return (
    <Radio.Group label="Role" value={value} onChange={onChange}>
      <div className="rf-stack rf-stack--tight" style={{ marginTop: 6 }}>
        {shown.map((role) => (
          <Radio
            key={role}
            value={role}
            label={role}
            description={isRole(role) ? roleMeanings[role] : undefined}
          />
        ))}
      </div>
    </Radio.Group>
  );
}

function rank(role: string): number {
  return isRole(role) ? roleOrder.indexOf(role) : roleOrder.length;
}

function isRole(role: string): role is Role {
  return role in roleMeanings;
}
