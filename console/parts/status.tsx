import "./status.css";
import type { ReactNode } from "react";

export type Tone = "neutral" | "good" | "warn" | "bad" | "accent";

/** A state in a word; the dot's colour only repeats what the word says. */
export function Status({
  tone = "neutral",
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}): ReactNode {
  return <span className={`rf-status rf-status--${tone}`}>{children}</span>;
}

/** A small label, for tags and roles. */
export function Chip({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="rf-chip">{children}</span>;
}
