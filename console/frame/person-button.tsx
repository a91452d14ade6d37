import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { IconUserCircle } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";

interface Props extends ActionIconProps, Omit<ComponentProps<"button">, keyof ActionIconProps> {
  readonly name: string;
  /** How many notices there are that the person has not looked at. */
  readonly unseen: number;
}

/** The button that opens what is the person's own. */
export function PersonButton({ name, unseen, ...rest }: Props): ReactNode {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-haspopup="menu"
      aria-label={unseen === 0 ? `You, ${name}` : `You, ${name}; something happened to your account`}
      {...rest}
    >
      <IconUserCircle size={20} stroke={1.7} />
      {unseen > 0 && <span className="rf-unseen" aria-hidden />}
    </ActionIcon>
  );
}
