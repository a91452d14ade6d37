import { ActionIcon, Button, Checkbox, Popover } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconMinus, IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ColumnButton } from "./column-button.tsx";
import { clampWidth, moveColumn, type ColumnChoice } from "./column-choice.ts";
import type { ColumnMenuProps, MenuColumn } from "./column-menu-props.ts";
import type { ChangeChoice } from "./use-column-choice.ts";

/** Which columns are shown, their order and width, for whoever does not drag. */
export default function ColumnMenuList({ columns, choice, onChoice, onReset }: ColumnMenuProps): ReactNode {
  const ordered = choice.order
    .map((id) => columns.find((column) => column.id === id))
    .filter((column) => column !== undefined);
  return (
    <Popover position="bottom-end" width={320} trapFocus withRoles defaultOpened>
      <Popover.Target>
        <ColumnButton />
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns" className="rf-columns">
        <ul>
          {ordered.map((column, index) => (
            <ColumnLine
              key={column.id}
              column={column}
              before={ordered[index - 1]?.id}
              after={ordered[index + 1]?.id}
              choice={choice}
              onChoice={onChoice}
            />
          ))}
        </ul>
        <Button variant="subtle" size="compact-sm" mt="xs" onClick={onReset}>
          Back to the standard columns
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}

interface LineProps {
  readonly column: MenuColumn;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly choice: ColumnChoice;
  readonly onChoice: ChangeChoice;
}

function ColumnLine({ column, before, after, choice, onChoice }: LineProps): ReactNode {
  const { id, label } = column;
  const shown = !choice.hidden.includes(id);
  const toggle = (): void =>
    onChoice((now) => ({
      ...now,
      hidden: shown ? [...now.hidden, id] : now.hidden.filter((other) => other !== id),
    }));
  const move = (to: string | undefined): void => {
    if (to !== undefined) onChoice((now) => ({ ...now, order: moveColumn(now.order, id, to) }));
  };
  const widen = (by: number): void =>
    onChoice((now) => ({
      ...now,
      widths: { ...now.widths, [id]: clampWidth((now.widths[id] ?? column.width) + by) },
    }));
  return (
    <li className="rf-columns__line">
      <Checkbox size="xs" className="rf-grow" label={label} checked={shown} onChange={toggle} />
      <Small label={`${label}: narrower`} onClick={() => widen(-24)} icon={<IconMinus size={14} />} />
      <Small label={`${label}: wider`} onClick={() => widen(24)} icon={<IconPlus size={14} />} />
      <Small
        label={`${label}: further left`}
        off={before === undefined}
        onClick={() => move(before)}
        icon={<IconArrowUp size={14} />}
      />
      <Small
        label={`${label}: further right`}
        off={after === undefined}
        onClick={() => move(after)}
        icon={<IconArrowDown size={14} />}
      />
    </li>
  );
}

function Small({
  label,
  icon,
  onClick,
  off = false,
}: {
  readonly label: string;
  readonly icon: ReactNode;
  readonly onClick: () => void;
  readonly off?: boolean;
}): ReactNode {
  return (
    <ActionIcon variant="subtle" color="gray" size={24} aria-label={label} onClick={onClick} disabled={off}>
      {icon}
    </ActionIcon>
  );
}
