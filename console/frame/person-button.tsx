import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { IconUserCircle } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";

interface Props extends ActionIconProps, Omit<ComponentProps<"button">, keyof ActionIconProps> {
  readonly name: string;
}

/** The button that opens what is the person's own. */
export function PersonButton({ name, ...rest }: Props): ReactNode {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-haspopup="menu"
      aria-label={`You, ${name}`}
      {...rest}
    >
      <IconUserCircle size={20} stroke={1.7} />
    </ActionIcon>
  );
}
