import { Button, type ButtonProps } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import type { ComponentProps, ReactNode } from "react";

interface Props extends ButtonProps, Omit<ComponentProps<"button">, keyof ButtonProps> {
  readonly count: number;
}

/** The button that opens the filters, with how many are set. */
export function FilterButton({ count, ...rest }: Props): ReactNode {
  return (
    <Button variant="default" leftSection={<IconFilter size={15} />} aria-haspopup="dialog" {...rest}>
      {count === 0 ? "Filter" : `Filter (${count})`}
    </Button>
  );
}
