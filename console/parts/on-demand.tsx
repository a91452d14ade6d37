import { Suspense, useState, type ReactNode } from "react";

interface Props {
  /** The button as it looks before its menu has ever been opened. */
  readonly renderButton: (open: () => void) => ReactNode;
  /** The menu with the same button, open from the start; its code is fetched when it is first wanted. */
  readonly children: ReactNode;
}

/** Keeps menus and their positioning out of the first load: only the button is there until somebody presses it. */
export function OnDemand({ renderButton, children }: Props): ReactNode {
  const [wanted, setWanted] = useState(false);
  if (!wanted) return renderButton(() => setWanted(true));
  return <Suspense fallback={renderButton(nothing)}>{children}</Suspense>;
}

function nothing(): void {}
