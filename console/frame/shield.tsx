import { ActionIcon, Popover } from "@mantine/core";
import { IconShieldLock } from "@tabler/icons-react";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Bones } from "../parts/bones.tsx";

const ShieldSheet = lazy(() => import("./shield-sheet.tsx"));

/** The small shield: opens what protects this page. */
export function Shield(): ReactNode {
  const [open, setOpen] = useState(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} trapFocus withRoles>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label="What protects this page"
          onClick={() => setOpen((is) => !is)}
        >
          <IconShieldLock size={20} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label="What protects this page">
        <Suspense fallback={<Bones lines={4} />}>
          <ShieldSheet pathname={pathname} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
