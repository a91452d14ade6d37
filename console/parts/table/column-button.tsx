import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { IconColumns3 } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";

type Props = ActionIconProps & Omit<ComponentProps<"button">, keyof ActionIconProps>;

/** The button that opens the column menu. */
export function ColumnButton(props: Props): ReactNode {
  return (
    <ActionIcon
      variant="default"
      size={32}
      aria-haspopup="dialog"
      aria-label="Columns"
      title="Columns"
      {...props}
    >
      <IconColumns3 size={17} stroke={1.7} />
    </ActionIcon>
  );
}
