import "./sealed-chip.css";
import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** A value that nobody can read back: a lock and what little may be told apart by. Never dots in a text box. */
export function SealedChip({ hint }: { readonly hint: string | null }): ReactNode {
  return (
    <span className="rf-sealed" title="Sealed: kept so that nobody can read it back">
      <IconLock size={13} aria-hidden />
      <span className="rf-hidden">Sealed, </span>
      {hint === null ? "sealed" : hint}
    </span>
  );
}
