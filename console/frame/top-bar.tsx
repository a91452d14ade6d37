import { ActionIcon } from "@mantine/core";
import { IconHelp, IconMenu2, IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useHere } from "./here.tsx";
import { PersonMenu } from "./person-menu.tsx";
import { Shield } from "./shield.tsx";

interface Props {
  readonly onBurger: () => void;
  readonly onPalette: () => void;
  readonly onHelp: () => void;
}

/** Search, what protects this page, help, and you. */
export function TopBar({ onBurger, onPalette, onHelp }: Props): ReactNode {
  const { organization } = useHere();
  return (
    <header className="rf-bar">
      <ActionIcon
        className="rf-bar__burger"
        variant="subtle"
        color="gray"
        size={32}
        aria-label="Rooms"
        onClick={onBurger}
      >
        <IconMenu2 size={20} stroke={1.7} />
      </ActionIcon>
      <button
        type="button"
        className="rf-bar__search"
        onClick={onPalette}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <IconSearch size={15} aria-hidden />
        <span className="rf-clip">Search or do anything</span>
        <kbd aria-hidden>{navigator.userAgent.includes("Mac") ? "⌘ K" : "Ctrl K"}</kbd>
      </button>
      {organization.demo && (
        <span className="rf-demo" title="Made-up data; one command removes it">
          Demo
        </span>
      )}
      <Shield />
      <ActionIcon
        title="Keyboard, ?"
        variant="subtle"
        color="gray"
        size={32}
        aria-label="Help and keyboard"
        onClick={onHelp}
      >
        <IconHelp size={20} stroke={1.7} />
      </ActionIcon>
      <PersonMenu />
    </header>
  );
}
