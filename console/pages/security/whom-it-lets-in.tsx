import { Checkbox, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { Role } from "../../api/members.ts";
import { RolesChoice } from "../people/roles-choice.tsx";
import type { Wishes } from "./connection-wishes.ts";

interface Props {
  readonly wishes: Wishes;
  readonly roles: readonly Role[];
  /** What is wrong with each. */
  readonly faults: Readonly<Partial<Record<keyof Wishes, string | undefined>>>;
  readonly onChange: (change: Partial<Wishes>) => void;
}

/** Who becomes a member by a connection, and with which roles. */
export function WhomItLetsIn({ wishes, roles, faults, onChange }: Props): ReactNode {
  const { provisions, defaultRoles, mapping, followsGroups } = wishes;
  // Members that it added before may still get their roles by it.
  const [mapped] = useState(mapping !== "" || followsGroups);
  const gives = provisions || mapped;
  // So that nobody is added who may do nothing.
  const add = (on: boolean): void =>
    onChange({
      provisions: on,
      ...(on && defaultRoles.length === 0 && mapping.trim() === "" ? { defaultRoles: ["viewer"] } : {}),
    });
  return (
    <>
      <Checkbox
        label="Add people at their first sign-in"
        description="Only with addresses of your verified domains; else invite them first"
        checked={provisions}
        onChange={(event) => add(event.currentTarget.checked)}
      />
      {provisions && (
        <RolesChoice
          label="Their roles, whatever their groups"
          description="With none of these, only who is in a group below gets in. A provider makes nobody an owner."
          roles={roles}
          value={defaultRoles}
          error={faults.defaultRoles}
          onChange={(chosen) => onChange({ defaultRoles: chosen })}
        />
      )}
      {gives && (
        <Textarea
          label="Groups that give roles"
          description="One a line: the group as the provider sends it, an equals sign, the role or several. Entra sends object ids."
          placeholder={"Sales leads = manager\nSupport = member, viewer"}
          autosize
          minRows={2}
          maxRows={12}
          value={mapping}
          error={faults.mapping}
          onChange={(event) => onChange({ mapping: event.currentTarget.value })}
        />
      )}
      {gives && (
        <Checkbox
          label="Roles follow the groups"
          description="Members that it added get their roles anew at each sign-in. Else a change here by hand stays."
          checked={followsGroups}
          onChange={(event) => onChange({ followsGroups: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
