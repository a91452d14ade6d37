import { Popover } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { ShieldButton } from "./shield-button.tsx";
import { ShieldSheet } from "./shield-sheet.tsx";

/** The shield with its sheet. */
export default function ShieldPopover(): ReactNode {
  const [open, setOpen] = useState(true);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} trapFocus withRoles>
      <Popover.Target>
        <ShieldButton onClick={() => setOpen((is) => !is)} />
      </Popover.Target>
      <Popover.Dropdown aria-label="What protects this page">
        <ShieldSheet pathname={pathname} />
      </Popover.Dropdown>
    </Popover>
  );
}
