import { Checkbox } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  readonly label: string;
  readonly checked: boolean;
  readonly some?: boolean;
  readonly onToggle: () => void;
}

/** A row's checkbox, as large to hit as the cell that it stands in. */
export function SelectCell({ label, checked, some = false, onToggle }: Props): ReactNode {
  return (
    <label className="rf-grid__hit">
      <Checkbox
        size="xs"
        aria-label={label}
        checked={checked}
        indeterminate={some && !checked}
        onChange={onToggle}
        tabIndex={-1}
      />
    </label>
  );
}
