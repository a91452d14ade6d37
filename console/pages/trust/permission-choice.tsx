import { Checkbox } from "@mantine/core";
import type { ReactNode } from "react";
import type { Permission } from "../../api/members.ts";
import { useHere } from "../../frame/here.tsx";
import { fieldLabel } from "../../parts/trail/diff.ts";

interface Props {
  readonly label: string;
  readonly description?: ReactNode;
  readonly offered: readonly Permission[];
  /** Ticked without being held: what is asked of somebody else. */
  readonly unheld?: boolean;
  readonly value: readonly string[];
  readonly onChange: (permissions: string[]) => void;
}

/** Permissions by what they are about; what the person does not hold cannot be ticked. */
export function PermissionChoice({
  label,
  description,
  offered,
  unheld = false,
  value,
  onChange,
}: Props): ReactNode {
  const { organization } = useHere();
  const resources = [...new Set(offered.map(({ key }) => resourceOf(key)))];
  return (
    <Checkbox.Group label={label} description={description} value={[...value]} onChange={onChange}>
      <div
        className="rf-card rf-card--padded rf-scroll-y"
        style={{ marginTop: 6 }}
        tabIndex={0}
        role="region"
        aria-label="Permissions"
      >
        {resources.map((resource) => (
          <fieldset key={resource} className="rf-choices">
            <legend>{fieldLabel(resource)}</legend>
            {offered
              .filter(({ key }) => resourceOf(key) === resource)
              .map(({ key, description: sentence, own }) => (
                <div key={key} className="rf-row rf-row--wrap rf-row--between">
                  <Checkbox
                    value={key}
                    label={sentence}
                    disabled={!unheld && !organization.permissions.includes(key)}
                  />
                  {own === true && (
                    <Checkbox
                      value={`${key}:own`}
                      ml={28}
                      label="only own ones"
                      aria-label={`${sentence}, only own ones`}
                    />
                  )}
                </div>
              ))}
          </fieldset>
        ))}
      </div>
    </Checkbox.Group>
  );
}

function resourceOf(key: string): string {
  return key.split(".")[0] ?? key;
}
