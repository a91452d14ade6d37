import { ActionIcon, type ActionIconProps } from "@mantine/core";
import { IconShieldLock } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";

type Props = ActionIconProps & Omit<ComponentProps<"button">, keyof ActionIconProps>;

/** The small shield itself. */
export function ShieldButton(props: Props): ReactNode {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size={32}
      aria-haspopup="dialog"
      aria-label="What protects this page"
      title="What protects this page"
      {...props}
    >
      <IconShieldLock size={20} stroke={1.7} />
    </ActionIcon>
  );
}
